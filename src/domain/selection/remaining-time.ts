/** A task that an agent has. */
export interface UnderWay {
  /** How long it takes this agent, in all, as far as can be said; ms. */
  readonly expectedMs: number;
  readonly sinceMs: number;
  /** Standard deviation ÷ mean of what tasks like it take. */
  readonly spread: number;
}

/**
 * How much longer a task will take, in ms. Of tasks that all take as long it is what is left; the more they differ,
 * the less it says that this one has run for a while: at a spread of 1 it will take as long again, whatever it took.
 */
export function remainingMs({ expectedMs, sinceMs, spread }: UnderWay): number {
  return Math.max(expectedMs - sinceMs, expectedMs * Math.min(1, spread));
}

/** When the first of several is over, in ms. Chance ends one of `n` that are alike `n` times as soon. */
export function firstOverMs(all: Iterable<UnderWay>): number {
  let rate = 0;
  for (const one of all) rate += 1 / Math.max(1, remainingMs(one));
  return rate === 0 ? 0 : 1 / rate;
}
