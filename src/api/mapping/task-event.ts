import type { JsonObject, MessageInitShape } from '@bufbuild/protobuf';
import { type TaskEventSchema, TaskEventType, TaskState } from '@reeve/sdk/protocol';
import type { TaskEvent } from '../../domain/tasks/task.js';
import { timestampOf } from './time.js';

/** An entry of a task's audit trail as answers hold it. */
export function toProtoEvent(event: TaskEvent): MessageInitShape<typeof TaskEventSchema> {
  return {
    taskId: event.taskId,
    seq: BigInt(event.seq),
    type: isEventType(event.type) ? TaskEventType[event.type] : TaskEventType.UNSPECIFIED,
    state: TaskState[event.state],
    eventTime: timestampOf(event.eventTime),
    epoch: BigInt(event.epoch),
    attempt: event.attempt,
    series: event.series,
    agentId: event.agentId ?? '',
    actorSubjectId: event.actorSubjectId,
    reason: event.reason,
    // It was read from JSON.
    detail: event.detail as JsonObject,
  };
}

/** Events of verbs that the protocol does not have yet have no name in it. */
function isEventType(type: string): type is Exclude<keyof typeof TaskEventType, 'UNSPECIFIED'> {
  return type in TaskEventType && type !== 'UNSPECIFIED';
}
