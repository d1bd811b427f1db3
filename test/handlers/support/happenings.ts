import type { TaskEvent } from '../../../src/domain/tasks/task.js';
import type { TaskHappening } from '../../../src/handlers/event.js';

export function taskEvent(taskId: string, seq: number, more: Partial<TaskEvent> = {}): TaskEvent {
  return {
    taskId,
    seq,
    type: 'QUEUED',
    state: 'QUEUED',
    eventTime: 1_700_000_000_000,
    epoch: 0,
    attempt: 0,
    series: 0,
    agentId: null,
    actorSubjectId: '',
    reason: '',
    detail: {},
    ...more,
  };
}

export function happening(taskId: string, seq: number, more: Partial<TaskEvent> = {}): TaskHappening {
  return { subject: 'task', org: 'acme', ...taskEvent(taskId, seq, more) };
}
