import type { Tier } from '../tasks/tier.js';

/** A task that an agent has, beside the question whether it may be sent back for a person's. */
export interface Running {
  readonly taskId: string;
  readonly tier: Tier;
  /** Its kind is marked so. */
  readonly preemptible: boolean;
  /** It was given out on the share that the rest keeps. */
  readonly onShare: boolean;
  /** How often it was sent back. */
  readonly preemptions: number;
  /** When its agent was chosen; ms. */
  readonly began: number;
}

/**
 * A task is sent back at most so often. Fewer would not do: what was sent back begins again first, so it is the youngest
 * and is sent back again, and at 2 most of what ran could soon not be any more (measured: people's p99 79 s instead of 6 s).
 */
export const MOST_PREEMPTIONS = 10;

export function mayPreempt({ tier, preemptible, onShare, preemptions }: Running): boolean {
  return tier === 'LOW' && preemptible && !onShare && preemptions < MOST_PREEMPTIONS;
}

/** The youngest first, which loses least. */
export function byYouth(a: Pick<Running, 'taskId' | 'began'>, b: Pick<Running, 'taskId' | 'began'>): number {
  return b.began - a.began || (a.taskId > b.taskId ? -1 : 1);
}

/** The one that loses least; `null`: none may be sent back. */
export function victimOf<R extends Running>(running: Iterable<R>): R | null {
  let victim: R | null = null;
  for (const one of running) {
    if (mayPreempt(one) && (victim === null || byYouth(one, victim) < 0)) victim = one;
  }
  return victim;
}
