import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument } from 'yaml';
import { SETTING_NAMES, unknownSetting } from './setting-names.js';
import { type SettingProblem, SettingsError } from './settings-error.js';
import { SETTINGS } from './table.js';

/** A value as it stands in a settings file. */
export interface Entry {
  /** As it was written; the items of a list with commas between them. */
  readonly raw: string;
  /** `reeve.yaml:3:12`: file, line and column, from 1. */
  readonly at: string;
}

/** What a settings file says, by the name of the setting. */
export type Entries = ReadonlyMap<string, Entry>;

const LISTS = new Set<string>(Object.values(SETTINGS).flatMap((s) => (s.type === 'list' ? s.name : [])));

/**
 * Reads a settings file: a YAML mapping from names of settings to values. Values are taken
 * as they are written (`yes` and `1.10` are not turned into anything first), so that a file
 * takes what a flag takes. An empty file says nothing.
 *
 * @param file its name, for messages
 * @throws SettingsError that tells the first thing that keeps it from being YAML, which is the cause
 *   of the others as a rule, or everything that is wrong with its form and its names; whether the
 *   values are accepted is not looked at
 */
export function parseSettingsText(text: string, file: string): Entries {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    schema: 'failsafe',
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
  });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const [broken] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (broken) {
    const fault = `this is not YAML that can be read: ${broken.message}`;
    throw new SettingsError([{ origin: at(broken.pos[0]), fault }]);
  }
  return entriesOf(document, at);
}

type At = (offset: number) => string;

function entriesOf({ contents }: Document, at: At): Entries {
  // A file of nothing but comments.
  if (contents === null || (isScalar(contents) && contents.value === '')) return new Map();
  if (!isMap(contents)) {
    const fault = 'this is no mapping, expected lines such as lease-ttl: 30s';
    throw new SettingsError([{ origin: at(contents.range?.[0] ?? 0), fault }]);
  }
  const entries = new Map<string, Entry>();
  const problems: SettingProblem[] = [];
  for (const pair of contents.items) {
    const read = readPair(pair, at);
    if ('fault' in read) problems.push(read);
    else {
      const first = entries.get(read.name);
      if (first)
        problems.push({ origin: read.keyAt, fault: `${read.name} was given before, at ${first.at}` });
      else entries.set(read.name, read);
    }
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return entries;
}

interface Read extends Entry {
  readonly name: string;
  readonly keyAt: string;
}

function readPair({ key, value }: Pair, at: At): Read | { origin: string; fault: string } {
  const keyAt = at(startOf(key));
  if (!isScalar(key) || typeof key.value !== 'string') {
    return { origin: keyAt, fault: 'this is no name of a setting' };
  }
  const name = key.value;
  if (!SETTING_NAMES.includes(name)) return { origin: keyAt, fault: unknownSetting(name) };
  const origin = value ? at(startOf(value)) : keyAt;
  const wrong = (what: string) => ({ origin, fault: `${name}: ${what}` });
  if (isAlias(value)) return wrong('aliases are not followed, write the value itself');
  if (isScalar(value)) {
    const raw = String(value.value);
    const isNothing = value.type === 'PLAIN' && /^(|~|null)$/i.test(raw);
    if (isNothing) return wrong('there is no value; leave the line out for the default');
    return { name, keyAt, at: origin, raw };
  }
  if (!isSeq(value)) return wrong('this is a mapping, expected a single value');
  if (!LISTS.has(name)) return wrong('this is a list, expected a single value');
  const items = value.items.map((item) => (isScalar(item) ? String(item.value) : undefined));
  if (!items.every((item) => item !== undefined)) return wrong('expected a list of single values');
  return { name, keyAt, at: origin, raw: items.join(',') };
}

function startOf(node: unknown): number {
  return (node as { range?: readonly number[] } | null)?.range?.[0] ?? 0;
}
