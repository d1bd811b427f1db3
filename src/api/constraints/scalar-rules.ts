import type { FieldConstraints } from '@reeve/sdk/protocol';
import { formatOf } from './formats.js';
import type { Path, Violations } from './violations.js';

/** Tests one value and reports what it breaks under `path`. */
export type Visit = (value: unknown, path: Path, out: Violations) => void;

/**
 * NUL cannot be stored and a lone surrogate cannot be encoded, so no string may hold them,
 * whatever its rules.
 */
const UNSTORABLE = /[\0\p{Cs}]/u;

/** The rules of a string, the one for all strings included. */
export function stringRules(rules: FieldConstraints | undefined): Visit {
  const format = rules && formatOf(rules.format);
  const pattern = rules?.pattern ? new RegExp(`^(?:${rules.pattern})$`, 'u') : undefined;
  const min = rules?.minLength ?? 0;
  const max = rules?.maxLength ?? 0;
  /** The last that broke nothing: kinds and media types are the same time and again. */
  let sound: unknown;
  return (value, path, out) => {
    if (value === sound || typeof value !== 'string') return;
    if (value === '') {
      if (rules?.required) out.add(path, 'must be set');
      return;
    }
    const isSound = format?.isStorable === true && format.expression.test(value);
    if (!isSound && UNSTORABLE.test(value)) {
      out.add(path, 'must not contain NUL or half of a surrogate pair');
      return;
    }
    const tooLong = max > 0 && isLongerThan(value, max);
    const tooShort = min > 0 && !isLongerThan(value, min - 1);
    const misshapen = format !== undefined && !isSound && !format.expression.test(value);
    const unlike = pattern !== undefined && !pattern.test(value);
    if (tooLong) out.add(path, `must have at most ${max} characters`);
    if (tooShort) out.add(path, `must have at least ${min} characters`);
    if (misshapen) out.add(path, `must be ${format.description}`);
    if (unlike) out.add(path, `must match ${rules?.pattern}`);
    if (!tooLong && !tooShort && !misshapen && !unlike) sound = value;
  };
}

/** Whether `text` has more than `limit` code points; looks no further than it must. */
function isLongerThan(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  if (text.length > 2 * limit) return true;
  let count = 0;
  for (const _ of text) if (++count > limit) return true;
  return false;
}

/** The rules of a number; `null` if there are none. */
export function numberRules(rules: FieldConstraints | undefined): Visit | null {
  const { min, max } = rules ?? {};
  if (min === undefined && max === undefined) return null;
  return (value, path, out) => {
    const number = Number(value);
    if (!Number.isFinite(number)) out.add(path, 'must be a finite number');
    else if (min !== undefined && number < min) out.add(path, `must be at least ${min}`);
    else if (max !== undefined && number > max) out.add(path, `must be at most ${max}`);
  };
}

/** The rules of a bytes field; `null` if there are none. */
export function bytesRules(rules: FieldConstraints | undefined): Visit | null {
  const max = rules?.maxBytes ?? 0;
  if (max === 0 && !rules?.required) return null;
  return (value, path, out) => {
    if (!(value instanceof Uint8Array)) return;
    if (rules?.required && value.length === 0) out.add(path, 'must be set');
    if (max > 0 && value.length > max) out.add(path, `must have at most ${max} bytes`);
  };
}

/** An enum's numbers are the known ones; with `required`, not zero. */
export function enumRules(known: ReadonlySet<number>, rules: FieldConstraints | undefined): Visit {
  return (value, path, out) => {
    if (typeof value !== 'number') return;
    if (!known.has(value)) out.add(path, `${value} is not a known value`);
    else if (value === 0 && rules?.required) out.add(path, 'must be set');
  };
}
