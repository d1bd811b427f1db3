/**
 * Fairness by key: of the keys with something to give out goes the one that was served least, in time of slots over
 * its weight (ms). One that comes back begins where the least served of those that wait is: it was not there, which
 * earns nothing.
 */
export interface Turn {
  readonly served: number;
  /** Of its first task. */
  readonly score: number;
}

/** A first task that has waited for so long goes first, whoever's turn it is: ms since its score. */
export const TURN_BOUND_MS = 72 * 3_600_000;

/** What a task counts as if nobody knows how long such tasks take, in ms. */
export const DEFAULT_EXPECTED_MS = 60_000;

/** What a key begins with that has something to give out again. @param own what it had; `undefined`: nothing is known */
export function servedOnReturn(own: number | undefined, leastOfOthers: number | undefined): number {
  return Math.max(own ?? 0, leastOfOthers ?? 0);
}

/** What a key was served after it got a slot for an expected time; the same with what was wrong in that, once it is over. */
export function servedAfter(served: number, ms: number, weight: number): number {
  return Math.max(0, served + ms / weight);
}

/** Negative if `a` goes before `b`. @param now ms since the epoch, as scores are */
export function byTurn(a: Turn, b: Turn, now: number): number {
  const overdue = Number(now - b.score > TURN_BOUND_MS) - Number(now - a.score > TURN_BOUND_MS);
  return overdue || (now - a.score > TURN_BOUND_MS ? 0 : a.served - b.served) || a.score - b.score;
}
