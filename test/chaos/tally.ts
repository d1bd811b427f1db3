import { type HistoryEntry, monotonicMs } from '../support/history.js';

/** Counts of what clients and agents of this process have written. */
export interface Counts {
  readonly submitted: number;
  readonly results: number;
  /** Started. */
  readonly workflows: number;
  readonly cancelled: number;
  readonly retried: number;
  /** Answers that say that it did not happen. */
  readonly refused: number;
  /** Calls, renewals and results without an answer. */
  readonly unanswered: number;
  /** Tasks that agents had to give up. */
  readonly leasesLost: number;
}

/** Since it was begun. */
export interface Measure {
  readonly counts: Counts;
  /** The longest time without a recorded result, in ms. */
  readonly longestPauseMs: number;
}

export interface Tally {
  readonly counts: Counts;
  add(entry: HistoryEntry): void;
  /** Begins to measure; call what it answers with to end. */
  measure(): () => Measure;
}

type Mutable = { -readonly [K in keyof Counts]: Counts[K] };

const NONE: Counts = {
  submitted: 0,
  results: 0,
  workflows: 0,
  cancelled: 0,
  retried: 0,
  refused: 0,
  unanswered: 0,
  leasesLost: 0,
};

export function createTally(): Tally {
  const counts: Mutable = { ...NONE };
  let lastResult = monotonicMs();
  const open = new Set<{ longest: number; from: number }>();
  return {
    counts,
    add({ verb, type }) {
      if (verb === 'aborted') counts.leasesLost += 1;
      else if (type === 'unknown') counts.unanswered += 1;
      else if (type === 'fail') counts.refused += 1;
      else if (type === 'ok' && verb === 'submit') counts.submitted += 1;
      else if (type === 'ok' && verb === 'start-workflow') counts.workflows += 1;
      else if (type === 'ok' && verb === 'cancel') counts.cancelled += 1;
      else if (type === 'ok' && verb === 'retry') counts.retried += 1;
      else if (type === 'ok' && verb === 'result') {
        counts.results += 1;
        const now = monotonicMs();
        for (const one of open) one.longest = Math.max(one.longest, now - Math.max(lastResult, one.from));
        lastResult = now;
      }
    },
    measure() {
      const before = { ...counts };
      const one = { longest: 0, from: monotonicMs() };
      open.add(one);
      return () => {
        open.delete(one);
        const since = { ...NONE } as Mutable;
        for (const key of Object.keys(NONE) as (keyof Counts)[]) since[key] = counts[key] - before[key];
        const pause = monotonicMs() - Math.max(lastResult, one.from);
        return { counts: since, longestPauseMs: Math.max(one.longest, pause) };
      };
    },
  };
}
