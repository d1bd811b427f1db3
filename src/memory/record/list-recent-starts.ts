import type { RecentStarts, RecentStartsQuery } from '../../ports/task-reads.js';
import type { Tables } from './tables.js';

export function listRecentStarts(
  { tasks }: Tables,
  { org, withinMs, limit }: RecentStartsQuery,
  now: number,
): RecentStarts {
  const keyed = [...tasks.values()]
    .filter((row) => row.org === org && row.spec.requirements.keys !== null)
    .sort((a, b) => (a.taskId < b.taskId ? 1 : -1))
    .slice(0, limit);
  const starts = keyed.flatMap(({ spec: { requirements }, startTime, epoch }) => {
    const limits = requirements.keys?.limits ?? [];
    if (limits.length === 0 || startTime === null || startTime <= now - withinMs) return [];
    return [{ limits, agoMs: Math.max(0, now - startTime), count: epoch }];
  });
  return { starts, isComplete: keyed.length < limit };
}
