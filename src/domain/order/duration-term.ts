import type { Tier } from '../tasks/tier.js';

/** How much long tasks stand back. */
export interface DurationTerms {
  /** By tier, what each ms of the expected duration is worth; 0: nothing. */
  readonly factors: Readonly<Record<Tier, number>>;
  /** Of longer ones no more than this counts, in ms. */
  readonly capMs: number;
}

const HOUR = 3_600_000;

/**
 * No more than what lies between the head starts of NORMAL and URGENT, so that the tier decides between these. Enough
 * for short LOW tasks to pass long NORMAL ones: with 8 for all (measured, 90 % load) one in a hundred took a hundred
 * times as long as without waiting, so 23 times. LOW ones stand back by their head start already.
 */
export const DURATION_TERMS: DurationTerms = {
  factors: { CRITICAL: 8, URGENT: 8, HIGH: 24, NORMAL: 36, LOW: 24 },
  capMs: HOUR / 2,
};

/** What is added to a task's score because of how long it is expected to take, in ms. @param expectedMs `null`: nobody knows */
export function durationTerm(
  expectedMs: number | null,
  tier: Tier,
  { factors, capMs }: DurationTerms,
): number {
  if (expectedMs === null) return 0;
  return Math.round(factors[tier] * Math.min(expectedMs, capMs));
}
