import type { Task } from '../../../src/domain/tasks/task.js';
import type { NewTask, TaskView } from '../../../src/ports/task-record.js';
import { systemClock } from '../../../src/system/clock.js';
import { systemIds } from '../../../src/system/id-source.js';
import { plainSpec } from '../../support/plain-task.js';

/** A submission that asks for as little as it can. */
export function submission(): NewTask {
  const now = systemClock.now();
  const taskId = systemIds.taskId();
  return {
    org: 'default',
    taskId,
    spec: plainSpec('echo'),
    createTime: now,
    runTime: null,
    score: now,
    headStartMs: 0,
    request: null,
    actor: 'a',
    claim: null,
  };
}

/** What the record makes of a submission. */
export function newTask({ org, taskId, spec, createTime, score }: NewTask): Task {
  return {
    org,
    taskId,
    spec,
    createTime,
    runnableTime: createTime,
    score,
    state: 'QUEUED',
    tier: spec.tier,
    epoch: 0,
    series: 0,
    attempt: 0,
    deliveries: 0,
    preemptions: 0,
    agentId: null,
    reason: '',
    pending: 0,
    seq: 1,
    runTime: null,
    startTime: null,
    workflow: null,
    hasCheckpoint: false,
    finishTime: null,
    result: null,
  };
}

/** As much of a task as `view` has. */
export function viewOf(task: Task, view: TaskView): Task {
  if (view === 'FULL') return task;
  const { spec, result } = task;
  return {
    ...task,
    spec: { ...spec, body: new Uint8Array() },
    result: result && { ...result, output: null },
  };
}

/** What is published of a task. */
export function changeOf({ org, taskId, seq, state }: Task) {
  return { org, taskId, seq, state };
}

/** The nth event of a trail. */
export function eventOf(taskId: string, seq: number) {
  return {
    taskId,
    seq,
    type: 'SUBMITTED',
    state: 'QUEUED',
    eventTime: seq,
    epoch: 0,
    attempt: 0,
    series: 0,
    agentId: null,
    actorSubjectId: 'a',
    reason: '',
    detail: { tier: 'NORMAL' },
  } as const;
}
