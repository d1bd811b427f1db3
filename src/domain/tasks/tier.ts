/** How urgent a task is, most urgent first. */
export const TIERS = ['CRITICAL', 'URGENT', 'HIGH', 'NORMAL', 'LOW'] as const;
export type Tier = (typeof TIERS)[number];

const HOUR = 3_600_000;

/** How much earlier a task counts as runnable because of its tier, in ms. */
export type HeadStarts = Readonly<Record<Tier, number>>;

/** The formula `tier_aging`. With 24 h an URGENT task passes an overnight batch; with 1 h it would not. */
export const TIER_AGING: HeadStarts = {
  CRITICAL: 48 * HOUR,
  URGENT: 24 * HOUR,
  HIGH: 12 * HOUR,
  NORMAL: 6 * HOUR,
  LOW: 0,
};

/** The formula `fcfs`: first come, first served. */
export const FCFS: HeadStarts = { CRITICAL: 0, URGENT: 0, HIGH: 0, NORMAL: 0, LOW: 0 };

export type PriorityFormula = 'tier_aging' | 'fcfs';

export const HEAD_STARTS: Readonly<Record<PriorityFormula, HeadStarts>> = {
  tier_aging: TIER_AGING,
  fcfs: FCFS,
};

/**
 * A task's place in the order; the lowest goes first. All tasks age at the same speed, so
 * the score is fixed once and waiting raises the rank without rescoring.
 *
 * @param runnableTime when the task first was runnable, ms since the epoch
 */
export function scoreOf(runnableTime: number, tier: Tier, headStarts: HeadStarts): number {
  return runnableTime - headStarts[tier];
}
