import { covers, type QueuePart } from '../domain/queues/queue-part.js';
import { createTimeOf } from '../domain/tasks/task-id.js';
import type { HeadStarts, IndexStats, QueueSizes, StandBack } from '../ports/ready-index.js';
import type { RouteBook } from './route-book.js';

/**
 * Counts the tasks whose agent is still to be chosen with those that wait. They are in no lane, and where there
 * are several coordinators each counts those it knows of itself.
 */
export const withToChoose = {
  stats(stats: IndexStats, { toChoose }: RouteBook): IndexStats {
    if (toChoose.size === 0) return stats;
    const perTier = { ...stats.perTier };
    for (const { task } of toChoose.values()) perTier[task.tier] += 1;
    return { ...stats, queued: stats.queued + toChoose.size, perTier };
  },

  /** @param asked which part was counted; `org` `null`: of all */
  sizes(sizes: QueueSizes, { toChoose }: RouteBook, asked: Asked): QueueSizes {
    if (toChoose.size === 0) return sizes;
    const { org, part, headStarts, standBack = () => 0 } = asked;
    const tiers = new Map(sizes.tiers.map((size) => [size.tier, { ...size }]));
    for (const { task } of toChoose.values()) {
      const size = tiers.get(task.tier);
      if (!size || (org !== null && org !== task.org) || !covers(part, task.kind, task.tier)) continue;
      const byScore = task.score + headStarts[task.tier] - standBack(task.org, task.kind, task.tier);
      const since = Math.max(byScore, createTimeOf(task.taskId) ?? -Infinity);
      const waitingSince = Math.min(since, size.waitingSince ?? since);
      tiers.set(task.tier, { ...size, waiting: size.waiting + 1, waitingSince });
    }
    return { ...sizes, tiers: [...tiers.values()] };
  },
};

interface Asked {
  readonly org: string | null;
  readonly part: QueuePart;
  readonly headStarts: HeadStarts;
  readonly standBack: StandBack | undefined;
}
