import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { TaskFilterSchema } from '../gen/reeve/v1/task_filter_pb.js';
import { TaskSource, TaskState, Tier } from '../gen/reeve/v1/task_pb.js';
import type { TaskFilter } from './client.js';

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
    ...time('createdFrom', filter.createdFrom),
    ...time('createdBefore', filter.createdBefore),
    ...time('finishedFrom', filter.finishedFrom),
    ...time('finishedBefore', filter.finishedBefore),
  };
}

function time<Name extends string>(name: Name, date: Date | undefined) {
  return date && ({ [name]: timestampFromDate(date) } as Record<Name, ReturnType<typeof timestampFromDate>>);
}
