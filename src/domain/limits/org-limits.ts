/** So many starts in any stretch of this length. */
export interface Rate {
  readonly count: number;
  readonly periodMs: number;
}

/** What tasks of a key may do at once. At least one of the two is set. */
export interface KeyLimit {
  /** How many of them may be with agents at once. `null`: any number. */
  readonly maxConcurrent: number | null;
  /** How often one may be given to an agent. `null`: at any time. */
  readonly rate: Rate | null;
}

/** Limits by key, as an organisation sets them: `openai`, or for each key that begins with it `customer/*`. */
export type KeyLimits = Readonly<Record<string, KeyLimit>>;

/** What an organisation lets run at once. */
export interface OrgLimits {
  /** Of its rules: of two the greater counts. */
  readonly version: number;
  /** Tasks that are with agents at once. `null`: any number. */
  readonly maxConcurrent: number | null;
  /** Agents that have a task at once. `null`: any number. */
  readonly maxBusyAgents: number | null;
  /** Slots of its agents that are kept for the human band. */
  readonly reservedSlots: number;
  readonly keys: KeyLimits;
}

export const NO_LIMITS: OrgLimits = {
  version: 0,
  maxConcurrent: null,
  maxBusyAgents: null,
  reservedSlots: 0,
  keys: {},
};

const ANY = '*';

/** The limit of a key: its own, else that of the longest beginning; `null`: none. */
export function limitOf(keys: KeyLimits, key: string): KeyLimit | null {
  const own = Object.hasOwn(keys, key) ? keys[key] : undefined;
  if (own && !key.endsWith(ANY)) return own;
  for (let length = key.length; length >= 0; length -= 1) {
    const name = key.slice(0, length) + ANY;
    if (Object.hasOwn(keys, name)) return keys[name] ?? null;
  }
  return null;
}

/** Whether anything is limited at all. */
export function limitsAnything({ maxConcurrent, maxBusyAgents, reservedSlots, keys }: OrgLimits): boolean {
  return (
    maxConcurrent !== null || maxBusyAgents !== null || reservedSlots > 0 || Object.keys(keys).length > 0
  );
}
