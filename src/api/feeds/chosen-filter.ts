import type { Task } from '../../domain/tasks/task.js';
import { isChosen, type TaskFilter } from '../../domain/tasks/task-filter.js';
import { LEASED_STATES, WAITING_STATES } from '../../domain/tasks/task-state.js';

/** A snapshot has what is going on, unless the filter asks for ends. */
export function snapshotFilter(filter: TaskFilter): TaskFilter {
  return asksForEnds(filter) ? filter : { ...filter, states: [...WAITING_STATES, ...LEASED_STATES] };
}

/** Whether tasks that have ended may be chosen or not for having ended, and when. */
export function asksForEnds({ states, finishedFrom, finishedBefore }: TaskFilter): boolean {
  return states.length > 0 || finishedFrom !== null || finishedBefore !== null;
}

/** What no change of a task touches, but for labels, which may change while it waits. */
function lasting(filter: TaskFilter): TaskFilter {
  return { ...filter, states: [], tiers: [], agentIds: [], finishedFrom: null, finishedBefore: null };
}

/** Whether a task that is not chosen may have been: only something that changes keeps it from that. */
export function mayHaveBeenChosen(filter: TaskFilter, task: Task | null): boolean {
  return task !== null && isChosen({ ...lasting(filter), labels: {} }, task);
}

/** Whether a task cannot be chosen before it waits again. */
export function isRuledOut(filter: TaskFilter, task: Task): boolean {
  return !isChosen(lasting(filter), task);
}
