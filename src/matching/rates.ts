/** Moves are counted in buckets of this many ms. */
export const BUCKET_MS = 5_000;
/** A minute, and the bucket that is being filled. */
export const BUCKETS = 13;

/** A count of one bucket; `at` is the time divided by `BUCKET_MS`, without the rest. */
export interface Bucket {
  readonly at: number;
  readonly count: number;
}

/**
 * Moves a second, over the last minute, or since the first move if that is later. Times in ms on one
 * clock.
 */
export function rateOf(buckets: Iterable<Bucket>, since: number, now: number): number {
  const first = Math.floor(now / BUCKET_MS) - BUCKETS + 1;
  const began = Math.max(first * BUCKET_MS, since);
  const seconds = Math.max(1, (now - began) / 1_000);
  let sum = 0;
  for (const { at, count } of buckets) if (at >= first) sum += count;
  return sum / seconds;
}
