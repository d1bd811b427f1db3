import { scoreOf, TIER_AGING, TIERS } from '../../../src/domain/tasks/tier.js';
import type { Random } from '../chance/random.js';
import { Sorted } from '../sorted.js';
import type { Job } from './job.js';
import type { Order } from './order.js';

/** The job with the lowest number first, then the one that came first. */
export function byNumber(numberOf: (job: Job) => number): Order {
  const waiting = new Sorted<{ readonly job: Job; readonly number: number }>(
    (a, b) => a.number - b.number || (a.job.taskId < b.job.taskId ? -1 : 1),
  );
  return {
    add: (job) => waiting.add({ job, number: numberOf(job) }),
    next: () => waiting.take()?.job ?? null,
    ended() {},
    victim: () => null,
  };
}

/** First in, first out. */
export const fifo = () => byNumber(({ release }) => release);

/** All of a tier before all of the next, people before all. */
export const strict = () => byNumber(rankOf);

export const random = (roll: Random) => byNumber(() => roll());

/** The product's order by tiers, without the bands, and without looking at how long tasks take. */
export const headStart = () => byNumber(({ release, tier }) => scoreOf(release, tier, TIER_AGING));

/** Weighted shortest job first by the true durations: what nobody can know. */
export const clairvoyant = () => byNumber(({ durationMs, weight }) => durationMs / weight);

function rankOf({ band, tier }: Job): number {
  return band === 'HUMAN' ? -1 : TIERS.indexOf(tier);
}
