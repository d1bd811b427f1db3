import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import { expect } from 'vitest';
import type { Claim, Lease } from '../../src/domain/tasks/lease.js';
import { type AfterFailure, afterFailure, afterReturn } from '../../src/domain/tasks/retry.js';
import type { AttemptOutcome, Task, TaskEvent, TaskResult, TaskSpec } from '../../src/domain/tasks/task.js';
import { isTransition, type TaskState } from '../../src/domain/tasks/task-state.js';
import type {
  ClaimOutcome,
  ExpireRequest,
  NewTask,
  SettleRequest,
  TaskRecord,
} from '../../src/ports/task-record.js';
import { replayTask } from '../support/checker-replay.js';
import { plainSpec } from '../support/plain-task.js';

export const LEASE_MS = 60_000;
const text = new TextEncoder();

/** One organisation of its own on a record that several tests share. */
export type World = ReturnType<typeof createWorld>;

export function createWorld(record: TaskRecord) {
  const org = `org-${randomUUID()}`;

  const newTask = (spec: Partial<TaskSpec> = {}, rest: Partial<NewTask> = {}): NewTask => {
    const now = Date.now();
    return {
      org,
      taskId: v7(),
      spec: plainSpec('document.summarize', {
        goal: 'reach it',
        intent: 'because',
        jobSpaceId: 'space',
        submitterSubjectId: 'alice',
        body: text.encode('{"input":"…"}'),
        ...spec,
      }),
      createTime: now,
      runTime: null,
      score: now,
      headStartMs: 0,
      request: null,
      actor: 'alice',
      claim: null,
      ...rest,
    };
  };

  /** Submits one task and answers with its id. */
  const submit = async (spec: Partial<TaskSpec> = {}, rest: Partial<NewTask> = {}): Promise<string> => {
    const task = newTask(spec, rest);
    const [outcome] = await record.submitTasks([task]);
    expect(outcome?.kind).toBe('SUBMITTED');
    return task.taskId;
  };

  const tryClaim = async (taskId: string, agentId = 'agent-1', acceptWithinMs = LEASE_MS) => {
    const [outcome] = await record.claimTasks([{ org, taskId, agentId, acceptWithinMs, requestId: null }]);
    return outcome as ClaimOutcome;
  };
  const claim = async (taskId: string, agentId = 'agent-1', acceptWithinMs = LEASE_MS): Promise<Lease> => {
    const outcome = await tryClaim(taskId, agentId, acceptWithinMs);
    if (outcome.kind !== 'OK') throw new Error(`not claimed: ${JSON.stringify(outcome)}`);
    return outcome.lease;
  };
  const accept = async (lease: Lease, leaseMs = LEASE_MS) => {
    const [outcome] = await record.acceptTasks([{ ...claimOf(lease), agentId: lease.agentId, leaseMs }]);
    return outcome;
  };
  /** A task that runs. */
  const running = async (spec: Partial<TaskSpec> = {}, leaseMs = LEASE_MS): Promise<Lease> => {
    const lease = await claim(await submit(spec));
    expect((await accept(lease, leaseMs))?.kind).toBe('OK');
    return lease;
  };
  const settle = async (lease: Lease, result: Partial<SettleRequest> = {}) => {
    const [outcome] = await record.settleTasks([settlement(lease, 'SUCCEEDED', result)]);
    return outcome;
  };
  const fail = async (lease: Lease, retryable = true, rest: Partial<SettleRequest> = {}) => {
    const after = { ...afterFailure(lease.retry, lease.attempt, retryable, 0), delayMs: 0 };
    const [outcome] = await record.settleTasks([
      settlement(lease, 'FAILED', { afterFailure: after, ...rest }),
    ]);
    return outcome;
  };
  const expire = async (lease: Lease, rest: Partial<ExpireRequest> = {}) => {
    const [outcome] = await record.expireLeases([expiry(lease, rest)]);
    return outcome;
  };
  const cancel = async (taskId: string, graceMs = LEASE_MS, reason = 'changed my mind') => {
    const [outcome] = await record.cancelTasks([{ org, taskId, graceMs, reason, actor: 'bob' }]);
    return outcome;
  };
  const leave = async (lease: Lease, said: string) => {
    const payload = { mediaType: 'application/json', data: text.encode(said) };
    const [outcome] = await record.saveCheckpoints([{ ...claimOf(lease), agentId: lease.agentId, payload }]);
    return outcome;
  };
  const preempt = async (lease: Claim, graceMs = LEASE_MS, forTaskId = v7()) => {
    const [outcome] = await record.preemptTasks([{ ...claimOf(lease), graceMs, forTaskId }]);
    return outcome;
  };
  const retry = async (taskId: string, more: { readonly timeoutMs?: number } = {}) => {
    const [outcome] = await record.retryTasks([{ org, taskId, reason: 'once more', actor: 'bob', ...more }]);
    return outcome;
  };
  const promote = async (taskId: string) => {
    const [outcome] = await record.promoteTasks([{ org, taskId }]);
    return outcome;
  };
  const timeOut = async (taskId: string) => {
    const [outcome] = await record.timeOutTasks([{ org, taskId }]);
    return outcome;
  };
  const get = async (taskId: string): Promise<Task> => {
    const [task] = await record.getTasks(org, [taskId], 'FULL');
    if (!task) throw new Error(`no task ${taskId}`);
    return task;
  };
  const events = (taskId: string): Promise<readonly TaskEvent[]> =>
    record.listTaskEvents(org, taskId, 0, 1_000);
  const types = async (taskId: string) => (await events(taskId)).map((event) => event.type);

  return {
    org,
    record,
    newTask,
    submit,
    tryClaim,
    claim,
    accept,
    running,
    settle,
    fail,
    expire,
    cancel,
    leave,
    preempt,
    retry,
    promote,
    timeOut,
    get,
    events,
    types,
    /** The trail is gapless, every step is in the state table, and replaying it gives the row. */
    async expectConsistent(taskId: string): Promise<void> {
      const task = await get(taskId);
      const trail = await events(taskId);
      expect(trail.map((event) => event.seq)).toEqual(trail.map((_, i) => i + 1));
      let state: TaskState | null = null;
      for (const event of trail) {
        expect(isTransition(state, event.type, event.state), `${state} ${event.type} ${event.state}`).toBe(
          true,
        );
        state = event.state;
      }
      expect(trail.at(-1)).toMatchObject({
        seq: task.seq,
        state: task.state,
        epoch: task.epoch,
        attempt: task.attempt,
        series: task.series,
      });
      expect(replayTask({ ...task, requestId: null }, trail, task.spec.retry.maxAttempts)).toEqual([]);
    },
  };
}

export function claimOf({ org, taskId, epoch }: Claim): Claim {
  return { org, taskId, epoch };
}

export function resultOf(outcome: AttemptOutcome): TaskResult {
  return {
    outcome,
    output:
      outcome === 'SUCCEEDED' ? { mediaType: 'application/json', data: text.encode('{"words":3}') } : null,
    summary: outcome === 'SUCCEEDED' ? 'three words' : '',
    error:
      outcome === 'FAILED'
        ? {
            kind: 'RateLimited',
            message: 'too many calls',
            retryable: true,
            detail: { mediaType: 'text/plain', data: text.encode('later') },
          }
        : null,
  };
}

export function settlement(
  lease: Lease,
  outcome: AttemptOutcome,
  rest: Partial<SettleRequest> = {},
): SettleRequest {
  return {
    ...claimOf(lease),
    agentId: lease.agentId,
    resultId: randomUUID(),
    result: resultOf(outcome),
    afterFailure: scheduledNow(lease),
    ...rest,
  };
}

export function expiry(lease: Lease, rest: Partial<ExpireRequest> = {}): ExpireRequest {
  return {
    ...claimOf(lease),
    cause: 'LEASE_EXPIRED',
    afterFailure: scheduledNow(lease),
    afterReturn: afterReturn(lease.retry, lease.deliveries),
    ...rest,
  };
}

/** What the domain says of a failure, without the wait. */
function scheduledNow(lease: Lease): AfterFailure {
  return { ...afterFailure(lease.retry, lease.attempt, true, 0), delayMs: 0 };
}
