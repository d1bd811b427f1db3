import type { TaskSource } from './source.js';
import type { Task } from './task.js';
import type { TaskState } from './task-state.js';
import type { Tier } from './tier.js';

/**
 * Chooses tasks. All conditions must hold; of the values of one, one must (of labels, all). An
 * empty list, an empty record and `null` are no condition. Times in ms since the epoch.
 */
export interface TaskFilter {
  readonly states: readonly TaskState[];
  readonly kinds: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly tiers: readonly Tier[];
  readonly sources: readonly TaskSource[];
  /** Held now, or last, by one of these. */
  readonly agentIds: readonly string[];
  readonly submitterSubjectIds: readonly string[];
  readonly parentTaskId: string | null;
  readonly workflowId: string | null;
  /** Inclusive. */
  readonly createdFrom: number | null;
  /** Exclusive. */
  readonly createdBefore: number | null;
  /** Inclusive. */
  readonly finishedFrom: number | null;
  /** Exclusive. */
  readonly finishedBefore: number | null;
}

export const EVERY_TASK: TaskFilter = {
  states: [],
  kinds: [],
  labels: {},
  tiers: [],
  sources: [],
  agentIds: [],
  submitterSubjectIds: [],
  parentTaskId: null,
  workflowId: null,
  createdFrom: null,
  createdBefore: null,
  finishedFrom: null,
  finishedBefore: null,
};

/** Whether `task` is one of those that `filter` chooses. */
export function isChosen(filter: TaskFilter, task: Task): boolean {
  const { spec, createTime, finishTime } = task;
  return (
    isOneOf(filter.states, task.state) &&
    isOneOf(filter.tiers, task.tier) &&
    isOneOf(filter.agentIds, task.agentId) &&
    isOneOf(filter.kinds, spec.kind) &&
    isOneOf(filter.sources, spec.source) &&
    isOneOf(filter.submitterSubjectIds, spec.submitterSubjectId) &&
    (filter.parentTaskId === null || filter.parentTaskId === spec.parentTaskId) &&
    (filter.workflowId === null || filter.workflowId === task.workflow?.workflowId) &&
    Object.entries(filter.labels).every(([key, value]) => spec.labels[key] === value) &&
    isWithin(createTime, filter.createdFrom, filter.createdBefore) &&
    isWithin(finishTime, filter.finishedFrom, filter.finishedBefore)
  );
}

function isOneOf<T>(values: readonly T[], value: T | null): boolean {
  return values.length === 0 || (value !== null && values.includes(value));
}

function isWithin(time: number | null, from: number | null, before: number | null): boolean {
  if (from === null && before === null) return true;
  return time !== null && (from === null || time >= from) && (before === null || time < before);
}
