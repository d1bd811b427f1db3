import { createTimeOf } from '../domain/tasks/task-id.js';
import { type HeadStarts, runnableTimeOf } from '../domain/tasks/tier.js';
import type { Entry, Lane } from './lanes.js';
import { mergedHeads } from './merged-heads.js';

/** Tasks that are looked at in one lane while those in front have inherited their score. */
const MAX_LOOKS = 64;

/**
 * When that task of a lane first was runnable which has waited longest, ms since the epoch. Of one
 * with an inherited score no more is known than that it was not before its creation, which counts then.
 *
 * @returns `null`: the lane is empty
 */
export function waitingSince({ tasks, tier }: Lane, headStarts: HeadStarts): number | null {
  const byScore = ({ score }: Entry) => runnableTimeOf(score, tier, headStarts);
  const since = (task: Entry) => Math.max(byScore(task), createTimeOf(task.taskId) ?? -Infinity);
  const first = tasks.peek();
  if (!first) return null;
  let oldest = since(first);
  if (oldest === byScore(first)) return oldest;
  for (const task of mergedHeads([tasks], MAX_LOOKS, (a, b) => a.score - b.score)) {
    // Scores only rise from here on.
    if (byScore(task) >= oldest) break;
    oldest = Math.min(oldest, since(task));
  }
  return oldest;
}
