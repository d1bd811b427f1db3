import type { DescEnum, MessageInitShape } from '@bufbuild/protobuf';
import {
  type TaskFilter,
  type TaskFilterSchema,
  TaskSource,
  TaskSourceSchema,
  TaskState,
  TaskStateSchema,
  Tier,
  TierSchema,
} from '@reeve/sdk/protocol';
import { invalidArgument } from '../../domain/errors.js';
import type { TaskSource as DomainSource } from '../../domain/tasks/source.js';
import { type TaskFilter as DomainFilter, EVERY_TASK } from '../../domain/tasks/task-filter.js';
import { TASK_STATES } from '../../domain/tasks/task-state.js';
import { TIERS } from '../../domain/tasks/tier.js';
import { mustBeOneOf } from './enum-names.js';
import { sortedDistinct, sortedLabels } from './lists.js';
import { optionalTimestampOf, timeOf } from './time.js';

const SOURCES: readonly DomainSource[] = ['HUMAN', 'AUTOMATED', 'AGENT'];

/**
 * A filter that has passed its constraints, in the core's terms; equal ones have equal forms.
 *
 * @param path where it is in the request, for errors
 * @throws INVALID_ARGUMENT for a state, tier or source that is none, and for times that leave nothing between them
 */
export function toDomainFilter(filter: TaskFilter | undefined, path: string): DomainFilter {
  if (!filter) return EVERY_TASK;
  const named = <T extends string>(field: string, names: readonly T[], desc: DescEnum) => {
    const values = filter[field as 'states' | 'tiers' | 'sources'].map((number, i) => {
      const found = names.find((name) => name === desc.value[number]?.localName);
      if (!found) throw invalid(`${path}.${field}[${i}]`, mustBeOneOf(desc, names));
      return found;
    });
    return sortedDistinct(values) as readonly T[];
  };
  const { createdFrom, createdBefore, finishedFrom, finishedBefore } = filter;
  const chosen: DomainFilter = {
    states: named('states', TASK_STATES, TaskStateSchema),
    kinds: sortedDistinct(filter.kinds),
    labels: sortedLabels(filter.labels),
    tiers: named('tiers', TIERS, TierSchema),
    sources: named('sources', SOURCES, TaskSourceSchema),
    agentIds: sortedDistinct(filter.agentIds),
    submitterSubjectIds: sortedDistinct(filter.submitterSubjectIds),
    parentTaskId: filter.parentTaskId.toLowerCase() || null,
    workflowId: filter.workflowId.toLowerCase() || null,
    createdFrom: timeOf(createdFrom),
    createdBefore: timeOf(createdBefore),
    finishedFrom: timeOf(finishedFrom),
    finishedBefore: timeOf(finishedBefore),
  };
  requireSpan(chosen.createdFrom, chosen.createdBefore, `${path}.created_before`, 'created_from');
  requireSpan(chosen.finishedFrom, chosen.finishedBefore, `${path}.finished_before`, 'finished_from');
  return chosen;
}

/** The filter as answers hold it. */
export function toProtoFilter(filter: DomainFilter): MessageInitShape<typeof TaskFilterSchema> {
  const { createdFrom, createdBefore, finishedFrom, finishedBefore } = filter;
  return {
    states: filter.states.map((state) => TaskState[state]),
    kinds: [...filter.kinds],
    labels: { ...filter.labels },
    tiers: filter.tiers.map((tier) => Tier[tier]),
    sources: filter.sources.map((source) => TaskSource[source]),
    agentIds: [...filter.agentIds],
    submitterSubjectIds: [...filter.submitterSubjectIds],
    parentTaskId: filter.parentTaskId ?? '',
    workflowId: filter.workflowId ?? '',
    createdFrom: optionalTimestampOf(createdFrom),
    createdBefore: optionalTimestampOf(createdBefore),
    finishedFrom: optionalTimestampOf(finishedFrom),
    finishedBefore: optionalTimestampOf(finishedBefore),
  };
}

function requireSpan(from: number | null, before: number | null, field: string, other: string): void {
  if (from !== null && before !== null && from >= before) throw invalid(field, `must be after ${other}`);
}

function invalid(field: string, description: string): Error {
  return invalidArgument([{ field, description }]);
}
