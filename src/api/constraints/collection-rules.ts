import type { FieldConstraints } from '@reeve/sdk/protocol';
import type { Visit } from './scalar-rules.js';
import type { Path, Violations } from './violations.js';

/** The rules of a repeated field and of its entries; `null` if there are none. */
export function listRules(rules: FieldConstraints | undefined, entry: Visit | null): Visit | null {
  const count = countRules(rules);
  const unique = rules?.unique === true;
  if (!count && !unique && !entry) return null;
  return (value, path, out) => {
    const list = value as readonly unknown[];
    // What is too many is not looked into: the bound is there to bound the work.
    if (count && !count(list.length, path, out)) return;
    if (unique) reportRepeats(list, path, out);
    if (!entry) return;
    for (let i = 0; i < list.length && !out.full; i++)
      entry(list[i], path === null ? null : `${path}[${i}]`, out);
  };
}

/** The rules of a map, of its keys and of its values. */
export function mapRules(
  rules: FieldConstraints | undefined,
  key: Visit | null,
  entry: Visit | null,
): Visit | null {
  const count = countRules(rules);
  if (!count && !key && !entry) return null;
  return (value, path, out) => {
    const entries = Object.entries(value as Readonly<Record<string, unknown>>);
    if (count && !count(entries.length, path, out)) return;
    for (const [name, item] of entries) {
      if (out.full) return;
      const at = path === null ? null : `${path}[${JSON.stringify(name)}]`;
      key?.(name, at, out);
      entry?.(item, at, out);
    }
  };
}

type Count = (length: number, path: Path, out: Violations) => boolean;

function countRules(rules: FieldConstraints | undefined): Count | null {
  const min = Math.max(rules?.minItems ?? 0, rules?.required ? 1 : 0);
  const max = rules?.maxItems || Number.POSITIVE_INFINITY;
  if (min === 0 && max === Number.POSITIVE_INFINITY) return null;
  return (length, path, out) => {
    if (length < min) out.add(path, min === 1 ? 'must not be empty' : `must have at least ${min} entries`);
    if (length > max) out.add(path, `must have at most ${max} entries`);
    return length >= min && length <= max;
  };
}

function reportRepeats(list: readonly unknown[], path: Path, out: Violations): void {
  const seen = new Set<unknown>();
  for (const [i, item] of list.entries()) {
    if (seen.has(item)) out.add(`${path}[${i}]`, 'must not repeat an earlier entry');
    seen.add(item);
  }
}
