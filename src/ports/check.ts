/** `note`: allowed, and worth knowing; `warning`: works, and worse than it need; `error`: does not work, or loses data. */
export type Level = 'ok' | 'note' | 'warning' | 'error';

/** What a check has found. Nothing in it is secret. */
export interface Finding {
  readonly level: Level;
  /** What is the case, as half a sentence: `fsync is off`. */
  readonly what: string;
  /** What comes of it, in one sentence; not where all is well. */
  readonly why?: string;
  /** A command, statement or setting that mends it, or how to find it. */
  readonly fix?: string;
}

/**
 * Looks at one thing of a store and changes nothing for those that use it.
 *
 * @template S the store, open
 */
export interface Check<S> {
  /** In kebab-case; findings are told apart by it. */
  readonly name: string;
  /** Rejects if it cannot be looked at. */
  look(store: S): Promise<readonly Finding[]>;
}
