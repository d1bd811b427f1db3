import type { Task } from '../../domain/tasks/task.js';
import { type TaskState, WAITING_STATES } from '../../domain/tasks/task-state.js';
import type { Waiting } from '../../ports/ready-index.js';
import type { Ports } from '../../usecases/ports.js';
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

/** For people: why nobody has the task, as far as that can be said at once. */
export async function whyUnassigned({ index }: Ports, task: Task): Promise<string> {
  const waiting = task.state === 'QUEUED' ? await index.whyWaiting(task) : null;
  const why = waiting ? sentence(waiting, task) : otherwise(task);
  return `No agent could be assigned in time: ${why}.`;
}

function sentence({ why, connected, eligible }: Waiting, { spec }: Task): string {
  switch (why) {
    case 'PAUSED':
      return 'its queue is paused, or being cleared';
    case 'NO_AGENT':
      return 'no agent is connected';
    case 'NO_ELIGIBLE_AGENT': {
      const { capabilities, agentId } = spec.requirements;
      const asked = agentId === null ? `capabilities ${capabilities.join(', ')}` : `agent ${agentId}`;
      return `none of ${connected} connected meets what it requires (${asked}), or wants work`;
    }
    case 'ALL_BUSY':
      return `all ${eligible} that could do it are busy`;
    case 'HELD_BACK':
      return 'those that could do it failed such tasks lately and are held back for a while';
    case 'IN_TURN':
      return 'others go before it';
  }
}

function otherwise({ state, runTime, pending }: Task): string {
  if (state === 'BLOCKED') return `it waits for ${pending} ${pending === 1 ? 'task' : 'tasks'}`;
  if (state === 'SCHEDULED' && runTime !== null) return `it waits until ${new Date(runTime).toISOString()}`;
  return state === 'QUEUED' ? 'one is being chosen' : `it is ${state}`;
}
