import { type TaskState, WAITING_STATES } from '../../domain/tasks/task-state.js';
import { linkSignals } from '../link-signals.js';
import type { Context } from './context.js';

/** Whether a task is with no agent, and has not ended. */
export function isWaiting(state: TaskState): boolean {
  return (WAITING_STATES as readonly TaskState[]).includes(state);
}

/** Waits until a task has an agent; but not longer than told to, than its caller, than the server. */
export async function untilAssigned(
  { watchers, closing, ports }: Context,
  org: string,
  taskId: string,
  maxWaitMs: number,
  gone: AbortSignal,
): Promise<void> {
  const timeUp = new AbortController();
  const stopTimer = ports.clock.after(maxWaitMs, () => timeUp.abort());
  const { signal, release } = linkSignals([gone, closing, timeUp.signal]);
  try {
    const changes = watchers.watch(org, [taskId], { view: 'BASIC', onlyEnds: false, signal });
    for await (const [told] of changes) if (told?.task && !isWaiting(told.task.state)) return;
  } finally {
    stopTimer();
    release();
  }
}
