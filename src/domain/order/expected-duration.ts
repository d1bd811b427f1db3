/** What is known of how long tasks of a kind take. */
export interface DurationTally {
  /** Of how many successes; old ones count less. */
  readonly count: number;
  /** Mean and variance of ln(ms). */
  readonly mean: number;
  readonly variance: number;
}

export const NO_DURATIONS: DurationTally = { count: 0, mean: 0, variance: 0 };

/** A new duration weighs at least so much. */
const LEAST_WEIGHT = 1 / 64;
/** How far one may lie from the mean before it counts as if it lay no farther: in deviations, of which this is the least. */
const REACH = 2.5;
const LEAST_DEVIATION = 0.5;
const MAX_SPREAD = 4;

/** With the duration of a task that succeeded, in ms. One that lies far out moves the mean no farther than others. */
export function withDuration({ count, mean, variance }: DurationTally, ms: number): DurationTally {
  const ln = Math.log(Math.max(1, ms));
  if (count === 0) return { count: 1, mean: ln, variance: LEAST_DEVIATION ** 2 };
  const reach = REACH * Math.max(LEAST_DEVIATION, Math.sqrt(variance));
  const off = Math.min(reach, Math.max(-reach, ln - mean));
  const weight = Math.max(LEAST_WEIGHT, 1 / (count + 1));
  return {
    count: count + 1,
    mean: mean + weight * off,
    variance: (1 - weight) * (variance + weight * off ** 2),
  };
}

/** The expected duration, in ms; `null`: too little is known. */
export function expectedMs({ count, mean, variance }: DurationTally): number | null {
  return count < LEAST_COUNT ? null : Math.exp(mean + Math.min(variance, MAX_SPREAD) / 2);
}

const LEAST_COUNT = 5;

/** What counts from here on: it moves at most so far at once, however wrong it was. */
export function moved(before: number | null, after: number): number {
  return before === null ? after : Math.min(before * MOST_TIMES, Math.max(before / MOST_TIMES, after));
}

const MOST_TIMES = 2;
/** How often it moves, in ms. */
export const MOVES_EVERY_MS = 3_600_000;
