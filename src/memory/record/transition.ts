import type { TaskEvent } from '../../domain/tasks/task.js';
import { isLeased, isTerminal, type TaskEventType, type TaskState } from '../../domain/tasks/task-state.js';
import type { ReadyTask } from '../../ports/ready-index.js';
import type { TaskChange } from '../../ports/task-changes.js';
import type { Changed, Moved } from '../../ports/task-record.js';
import type { TaskRow } from './rows.js';

/** What the event says beside the row it leaves behind. */
export interface Said {
  /** Default: nobody's. */
  readonly agentId?: string | null;
  /** Default: the coordinator's own doing. */
  readonly actor?: string;
  readonly reason?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/**
 * Changes a row and writes the event, at once: the one way in which a task comes to another
 * state. Throws, before anything has changed, where the row would break its own rules.
 */
export function transition(
  row: TaskRow,
  now: number,
  type: TaskEventType,
  patch: Partial<Omit<TaskRow, 'seq' | 'events'>>,
  said: Said = {},
): void {
  check({ ...row, ...patch });
  Object.assign(row, patch, { seq: row.seq + 1 });
  row.events.push(eventOf(row, now, type, said));
}

export function eventOf(row: TaskRow, now: number, type: TaskEventType, said: Said): TaskEvent {
  return {
    taskId: row.taskId,
    seq: row.seq,
    type,
    state: row.state,
    eventTime: now,
    epoch: row.epoch,
    attempt: row.attempt,
    series: row.series,
    agentId: said.agentId ?? null,
    actorSubjectId: said.actor ?? '',
    reason: said.reason ?? '',
    detail: said.detail ?? {},
  };
}

/** What holds of every row, as the CHECK constraints of the schema have it. */
function check({ taskId, state, leaseExpiresAt, runTime, finishTime }: TaskRow): void {
  if ((leaseExpiresAt !== null) !== isLeased(state)) throw new Error(`${taskId}: ${state}, and its lease`);
  if ((runTime !== null) !== (state === 'SCHEDULED'))
    throw new Error(`${taskId}: ${state}, and its time to run`);
  if ((finishTime !== null) !== isTerminal(state)) throw new Error(`${taskId}: ${state}, and its end`);
}

/** The columns that follow from the state a lease has ended in. */
export function afterLease(to: TaskState, now: number, delayMs = 0) {
  return {
    state: to,
    leaseExpiresAt: null,
    attemptDeadline: null,
    runTime: to === 'SCHEDULED' ? now + delayMs : null,
    finishTime: isTerminal(to) ? now : null,
  };
}

/** What becomes of a task that was sent back: its attempt is not counted. */
export function preempted({ attempt, deliveries, preemptions }: TaskRow, now: number) {
  const given = { attempt: attempt - 1, deliveries: deliveries - 1, preemptions: preemptions + 1 };
  return { ...afterLease('QUEUED', now), ...given, reason: 'PREEMPTED' };
}

export function changeOf({ org, taskId, seq, state }: TaskRow): TaskChange {
  return { org, taskId, seq, state };
}

/** The outcome of a change that may put the task back before an agent. */
export function changedOf(row: TaskRow, dependents: readonly Moved[]): Changed {
  return { kind: 'OK', epoch: row.epoch, ...movedOf(row), dependents };
}

export function movedOf(row: TaskRow): Moved {
  const waits = row.state === 'QUEUED' || row.state === 'SCHEDULED';
  return {
    change: changeOf(row),
    agentId: row.agentId,
    ready: waits ? readyOf(row) : null,
    runTime: row.runTime,
    ...(row.workflow && { workflowId: row.workflow.workflowId }),
  };
}

export function readyOf({ org, taskId, seq, band, score, spec, agentId, epoch }: TaskRow): ReadyTask {
  const { tier, kind, requirements } = spec;
  return {
    org,
    taskId,
    seq,
    band,
    tier,
    score,
    kind,
    requirements,
    lastAgentId: agentId,
    ...(epoch > 0 && { epoch }),
  };
}

/** A time as details of events have it. */
export function textOf(time: number): string {
  return new Date(time).toISOString();
}
