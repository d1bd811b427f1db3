import type { DurationTally } from '../domain/order/expected-duration.js';

/** How long tasks of one kind take. */
export interface KindDuration extends DurationTally {
  readonly org: string;
  readonly kind: string;
}

/** The same with what counts in the order. */
export interface LearnedDuration extends KindDuration {
  /** In ms; `null`: too little is known yet. */
  readonly expectedMs: number | null;
}

/** Kinds of an organisation that are kept: those without an expected duration go first, then what was not done for the longest. */
export const MAX_KINDS = 1_000;
/** Kinds of one call. */
export const MAX_LEARNED = 1_000;

/** How long tasks took, which all coordinators share. */
export interface DurationRecord {
  /**
   * Adds what one coordinator found since it last did, at most `MAX_LEARNED` kinds, each once. The expected duration
   * of a kind is there as soon as enough is known, and moves once an hour at most. Answers with each kind as it is then.
   * A repeat counts twice, which moves it little.
   */
  learnDurations(found: readonly KindDuration[]): Promise<readonly LearnedDuration[]>;
  /** Those whose expected duration came or moved within so many ms, at most `limit`: newest first. */
  changedDurations(withinMs: number, limit: number): Promise<readonly LearnedDuration[]>;
}
