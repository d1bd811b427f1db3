import type { TaskChange } from './task-changes.js';

/** A change and its place: that of the transaction which made it. */
export type PlacedChange = readonly [change: TaskChange, position: number];

export interface ChangeQuery {
  /** Changes after this position; `null`: none, only how the log stands. */
  readonly after: number | null;
  /** Up to this position. `null`: up to where it is safe. */
  readonly upTo: number | null;
  /** `null`: of all organisations. */
  readonly org: string | null;
}

export interface ChangePage {
  /** Names the log: positions of another one mean nothing here. It outlives coordinators. */
  readonly generation: string;
  /** The first position after which nothing was forgotten. */
  readonly oldest: number;
  /** Whole transactions, in their order. Within one, a task's changes may come in any. */
  readonly changes: readonly PlacedChange[];
  /** The page has all changes after the query's position up to here. */
  readonly upTo: number;
  /** Nothing comes at or below this position any more, however late it commits. Never falls. */
  readonly safe: number;
  /** The newest position that a transaction had when this was read, committed or not. */
  readonly begun: number;
}

/** Whoever has the oldest transaction that writes; what the role may not see is `null`. */
export interface OldestWriter {
  /** Of its server process. `null`: the transaction is prepared, and nobody's. */
  readonly pid: number | null;
  readonly application: string | null;
  readonly role: string | null;
  readonly database: string | null;
  /** As Postgres has it, such as `idle in transaction`. */
  readonly state: string | null;
  /** The name of a prepared transaction. */
  readonly prepared: string | null;
  /** How long the transaction has been open. */
  readonly ageMs: number | null;
}

/** The changes of all tasks, as every coordinator of the record sees them. */
export interface ChangeLog {
  /** A page, of about 100 statements' changes at most. */
  readChanges(query: ChangeQuery): Promise<ChangePage>;
  /** Who holds the changes of others back; `null`: nobody writes. */
  findOldestWriter(): Promise<OldestWriter | null>;
  /** Forgets changes older than `olderThanMs`, those of about 10,000 statements at most. */
  forgetChanges(olderThanMs: number): Promise<void>;
}
