import { createTimeOf } from '../domain/tasks/task-id.js';
import { type HeadStarts, runnableTimeOf, type Tier } from '../domain/tasks/tier.js';
import type { Scored } from './lanes.js';

/** Tasks that are looked at in one lane while those in front have inherited their score. */
export const MAX_LOOKS = 64;

/**
 * When that task of a lane first was runnable which has waited longest, ms since the epoch. Of one
 * with an inherited score no more is known than that it was not before its creation, which counts then.
 *
 * @param inOrder the first `MAX_LOOKS` tasks of the lane; asked only if the first has inherited its score
 * @returns `null`: the lane is empty
 */
export function waitingSince(
  first: Scored | undefined,
  tier: Tier,
  headStarts: HeadStarts,
  inOrder: () => Iterable<Scored>,
): number | null {
  const byScore = ({ score }: Scored) => runnableTimeOf(score, tier, headStarts);
  const since = (task: Scored) => Math.max(byScore(task), createTimeOf(task.taskId) ?? -Infinity);
  if (!first) return null;
  let oldest = since(first);
  if (oldest === byScore(first)) return oldest;
  for (const task of inOrder()) {
    // Scores only rise from here on.
    if (byScore(task) >= oldest) break;
    oldest = Math.min(oldest, since(task));
  }
  return oldest;
}
