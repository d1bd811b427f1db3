import { hasEnded, type TaskInfo } from '@reeve/sdk';
import { EXIT } from './exit-codes.js';
import { CliError } from './failure.js';
import type { Invocation } from './invocation.js';
import { TASK_VIEW } from './output/task-view.js';

export const GOALS = ['succeeded', 'ended', 'running'] as const;

/** What a person waits for. */
export type Goal = (typeof GOALS)[number];

/** Whether there is nothing more to wait for; then `isReached` tells how it went. */
export const isSatisfied: Readonly<Record<Goal, (task: TaskInfo) => boolean>> = {
  succeeded: (task) => hasEnded(task.state),
  ended: (task) => hasEnded(task.state),
  running: (task) => task.state === 'RUNNING' || hasEnded(task.state),
};

const isReached: Readonly<Record<Goal, (task: TaskInfo) => boolean>> = {
  succeeded: (task) => task.state === 'SUCCEEDED',
  ended: () => true,
  running: (task) => task.state === 'RUNNING' || task.state === 'SUCCEEDED',
};

/** Follows tasks until each is `satisfied`, and gives them whole, in the order of the ids. */
export async function followToTheEnd(
  invocation: Invocation,
  ids: readonly string[],
  satisfied: (task: TaskInfo) => boolean,
): Promise<TaskInfo[]> {
  const client = invocation.client();
  const first = await Promise.all(ids.map((id) => client.get(id)));
  const open = new Set(first.filter((task) => !satisfied(task)).map((task) => task.taskId));
  if (open.size === 0) return first;
  for await (const task of client.watch([...open], { signal: invocation.signal })) {
    if (satisfied(task)) open.delete(task.taskId);
    if (open.size === 0) break;
  }
  return Promise.all(ids.map((id) => client.get(id)));
}

/** Prints tasks that were waited for; a failure if one did not get where it was wanted. */
export async function showEnds(
  invocation: Invocation,
  tasks: readonly TaskInfo[],
  goal: Goal,
): Promise<number> {
  const [first] = tasks;
  if (first && tasks.length === 1) await invocation.out.one(TASK_VIEW, first);
  else await invocation.out.many(TASK_VIEW, tasks, 'No tasks.');
  const missed = tasks.filter((task) => !isReached[goal](task));
  const [failed] = missed;
  if (!failed) return EXIT.ok;
  throw new CliError({
    code: 'TASK_FAILED',
    message: missed.map(sentence).join('\n'),
    retryable: false,
    hint: `See what happened: reeve task events ${failed.taskId}. Try again: reeve task retry ${failed.taskId}`,
    exit: EXIT.taskFailed,
  });
}

function sentence(task: TaskInfo): string {
  const cause = task.error
    ? `: ${task.error.kind}: ${task.error.message}`
    : task.reason
      ? `: ${task.reason}`
      : '';
  return `task ${task.taskId} is ${task.state}${cause}`;
}
