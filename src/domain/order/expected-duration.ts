/** What is known of how long tasks of a kind take. */
export interface DurationTally {
  /** Of how many successes; old ones count less. */
  readonly count: number;
  /** Mean and variance of ln(ms). */
  readonly mean: number;
  readonly variance: number;
}

export const NO_DURATIONS: DurationTally = { count: 0, mean: 0, variance: 0 };

/** What was known before weighs as much as so many successes, however many there were. */
export const REMEMBERED = 63;
/** How far one may lie from the mean before it counts as if it lay no farther: in deviations, of which this is the least. */
const REACH = 2.5;
const LEAST_DEVIATION = 0.5;
/** Of a normal variable the standard deviation is so many times the median deviation. */
const DEVIATION_OF_MEDIAN = 1.4826;
/** More spread than this counts as this: a mean of what lies so far apart says little. */
export const MAX_SPREAD = 4;
/** Nothing takes longer than this, in ms. */
const MAX_MS = 365 * 86_400_000;

/** With what was found of others. @param most what is known weighs as much as so many of them */
export function merged(known: DurationTally, found: DurationTally, most = REMEMBERED): DurationTally {
  if (found.count === 0) return known;
  const weight = Math.min(known.count, most);
  const total = weight + found.count;
  const off = found.mean - known.mean;
  return {
    count: known.count + found.count,
    mean: known.mean + (found.count / total) * off,
    variance:
      (weight * known.variance + found.count * found.variance) / total +
      (weight * found.count * off ** 2) / total ** 2,
  };
}

/** With the duration of a task that succeeded, in ms. One that lies far out moves the mean no farther than others. */
export function withDuration(known: DurationTally, ms: number): DurationTally {
  return merged(known, tallyOf([ms], known));
}

/**
 * Of the durations of tasks that succeeded, in ms. Those that lie far out, by what is known, count as if they lay no
 * farther than others; by themselves where there are more of them than is known, and that is little.
 */
export function tallyOf(durations: readonly number[], known: DurationTally): DurationTally {
  const logs = durations.map((ms) => Math.log(Math.min(MAX_MS, Math.max(1, ms))));
  const isKnown = known.count >= LEAST_COUNT || (known.count > 0 && known.count >= logs.length);
  const { mean, deviation } = isKnown
    ? { mean: known.mean, deviation: Math.sqrt(known.variance) }
    : middleOf(logs);
  const reach = REACH * Math.max(LEAST_DEVIATION, deviation);
  let tally = NO_DURATIONS;
  for (const ln of logs) {
    const clipped = Math.min(mean + reach, Math.max(mean - reach, ln));
    tally = merged(tally, { count: 1, mean: clipped, variance: 0 }, Number.POSITIVE_INFINITY);
  }
  return tally;
}

/** Median and what stands for the deviation from it: a few that lie far out change neither. */
function middleOf(logs: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const mean = medianOf(logs) ?? 0;
  const offs = logs.map((ln) => Math.abs(ln - mean));
  return { mean, deviation: DEVIATION_OF_MEDIAN * (medianOf(offs) ?? 0) };
}

/** `null`: of nothing. */
export function medianOf(figures: readonly number[]): number | null {
  const sorted = [...figures].sort((a, b) => a - b);
  const below = sorted[(sorted.length - 1) >> 1];
  const above = sorted[sorted.length >> 1];
  return below === undefined || above === undefined ? null : (below + above) / 2;
}

/** The expected duration, in ms; `null`: too little is known. */
export function expectedMs({ count, mean, variance }: DurationTally): number | null {
  return count < LEAST_COUNT ? null : Math.exp(mean + Math.min(variance, MAX_SPREAD) / 2);
}

export const LEAST_COUNT = 5;

/** What counts from here on: it moves at most so far at once, however wrong it was. */
export function moved(before: number | null, after: number): number {
  return before === null ? after : Math.min(before * MOST_TIMES, Math.max(before / MOST_TIMES, after));
}

export const MOST_TIMES = 2;
/** How often it moves, in ms. */
export const MOVES_EVERY_MS = 3_600_000;
