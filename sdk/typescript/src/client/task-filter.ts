import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampDate, timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { TaskFilter as FilterMessage, TaskFilterSchema } from '../gen/reeve/v1/task_filter_pb.js';
import { TaskState } from '../gen/reeve/v1/task_pb.js';
import { TaskSource, Tier } from '../gen/reeve/v1/task_spec_pb.js';
import {
  type TaskSource as Source,
  type TaskState as State,
  sourceName,
  type Tier as TierName,
  taskStateName,
  tierName,
} from '../names.js';

/** Chooses tasks. All that is set must hold; of the values of one condition, one must (of labels, all). */
export interface TaskFilter {
  /** In one of these. */
  readonly states?: readonly State[];
  /** Of one of these kinds. */
  readonly kinds?: readonly string[];
  /** With all of these. */
  readonly labels?: Readonly<Record<string, string>>;
  /** In one of these tiers. */
  readonly tiers?: readonly TierName[];
  /** From one of these sources. */
  readonly sources?: readonly Source[];
  /** Held now, or last, by one of these agents. */
  readonly agentIds?: readonly string[];
  /** Submitted on behalf of one of these. */
  readonly submitterSubjectIds?: readonly string[];
  /** Parts of this task. */
  readonly parentTaskId?: string;
  /** Parts of this workflow. */
  readonly workflowId?: string;
  /** Submitted then or later. */
  readonly createdFrom?: Date;
  /** Submitted before. */
  readonly createdBefore?: Date;
  /** Ended then or later. */
  readonly finishedFrom?: Date;
  /** Ended before. */
  readonly finishedBefore?: Date;
}

export function filterMessage(filter: TaskFilter): MessageInitShape<typeof TaskFilterSchema> {
  return {
    states: (filter.states ?? []).map((state) => TaskState[state]),
    kinds: [...(filter.kinds ?? [])],
    labels: { ...filter.labels },
    tiers: (filter.tiers ?? []).map((tier) => Tier[tier]),
    sources: (filter.sources ?? []).map((source) => TaskSource[source]),
    agentIds: [...(filter.agentIds ?? [])],
    submitterSubjectIds: [...(filter.submitterSubjectIds ?? [])],
    parentTaskId: filter.parentTaskId ?? '',
    workflowId: filter.workflowId ?? '',
    ...time('createdFrom', filter.createdFrom),
    ...time('createdBefore', filter.createdBefore),
    ...time('finishedFrom', filter.finishedFrom),
    ...time('finishedBefore', filter.finishedBefore),
  };
}

/** The filter as answers have it; without what is not set. */
export function filterInfo(filter: FilterMessage | undefined): TaskFilter {
  if (!filter) return {};
  const info: { [Name in keyof TaskFilter]: TaskFilter[Name] | undefined } = {
    states: some(filter.states.map(taskStateName)),
    kinds: some(filter.kinds),
    labels: Object.keys(filter.labels).length > 0 ? { ...filter.labels } : undefined,
    tiers: some(filter.tiers.map(tierName)),
    sources: some(filter.sources.map(sourceName)),
    agentIds: some(filter.agentIds),
    submitterSubjectIds: some(filter.submitterSubjectIds),
    parentTaskId: filter.parentTaskId || undefined,
    workflowId: filter.workflowId || undefined,
    createdFrom: filter.createdFrom && timestampDate(filter.createdFrom),
    createdBefore: filter.createdBefore && timestampDate(filter.createdBefore),
    finishedFrom: filter.finishedFrom && timestampDate(filter.finishedFrom),
    finishedBefore: filter.finishedBefore && timestampDate(filter.finishedBefore),
  };
  return Object.fromEntries(Object.entries(info).filter(([, value]) => value !== undefined));
}

function some<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length > 0 ? values : undefined;
}

function time<Name extends string>(name: Name, date: Date | undefined) {
  return date && ({ [name]: timestampFromDate(date) } as Record<Name, ReturnType<typeof timestampFromDate>>);
}
