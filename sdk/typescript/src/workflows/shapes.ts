import { type Entry, entriesOf, isPlainObject, type Reading, spoken } from './reading.js';

/** What documents may say otherwise than the message does that they become. */
export interface Shape {
  /** Other names of fields. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Fields whose own fields may stand beside them, the first that has it. */
  readonly inline?: readonly string[];
  /** Turns short forms into the long ones. */
  readonly rewrite?: (entries: readonly Entry[], reading: Reading) => readonly Entry[];
}

/** By the message's type. */
export const SHAPES: Readonly<Record<string, Shape>> = {
  'reeve.v1.WorkflowSpec': { inline: ['defaults'] },
  'reeve.v1.WorkflowGroup': { aliases: { id: 'group_id' }, inline: ['defaults'] },
  'reeve.v1.WorkflowTask': {
    aliases: { id: 'task_id' },
    inline: ['settings'],
    rewrite: (entries) => entries.flatMap(withoutExpansion),
  },
  'reeve.v1.TaskDefaults': {
    aliases: { expand: 'expansion', expansion_config: 'expansion' },
    inline: ['requirements'],
  },
  'reeve.v1.RetryPolicy': { rewrite: (entries, reading) => entries.map((entry) => attempts(entry, reading)) },
  'reeve.v1.Expansion': { rewrite: (entries) => entries.flatMap(typed) },
};

/** The names of fields as the protos have them: `groupId` and `group_id` are the same. */
export function fieldName(key: string): string {
  return key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}

/** An expansion may stand in the input that it is about; the handler does not see it. */
function withoutExpansion(entry: Entry): readonly Entry[] {
  if (entry.key !== 'input' || !isPlainObject(entry.value)) return [entry];
  const inside = entriesOf(entry.value, entry.at);
  const expansions = inside.filter(({ key }) => fieldName(key) === 'expansion_config');
  if (expansions.length === 0) return [entry];
  const rest = inside.filter((item) => !expansions.includes(item));
  return [{ ...entry, value: Object.fromEntries(rest.map(({ key, value }) => [key, value])) }, ...expansions];
}

/** `max_retries: 2` are three attempts. */
function attempts(entry: Entry, reading: Reading): Entry {
  if (fieldName(entry.key) !== 'max_retries') return entry;
  const { value } = entry;
  if (!Number.isInteger(value) || Number(value) < 0) {
    reading.wrong(entry.at, `must be a whole number from 0, not ${spoken(value)}`);
    return { ...entry, key: 'max_attempts', value: 0 };
  }
  return { ...entry, key: 'max_attempts', value: Number(value) + 1 };
}

/** `array: {user: users}` is the type along with what it takes. */
function typed(entry: Entry): readonly Entry[] {
  const { key, at } = entry;
  if (key === 'array' || key === 'matrix') {
    return [
      { key: 'type', value: key, at },
      { ...entry, key: 'array_mapping' },
    ];
  }
  if (key !== 'custom') return [entry];
  return [
    { key: 'type', value: key, at },
    { ...entry, key: 'transform_rules' },
  ];
}
