import { v7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { MOST_PREEMPTIONS } from '../../src/domain/order/preemption.js';
import type { Lease } from '../../src/domain/tasks/lease.js';
import type { TaskResult } from '../../src/domain/tasks/task.js';
import { claimOf, LEASE_MS, settlement, type World } from './task-record-world.js';

const STOPPED: TaskResult = {
  outcome: 'CANCELLED',
  output: null,
  summary: '',
  error: { kind: 'PREEMPTED', message: 'a person waits for the slot', retryable: true, detail: null },
};

export function testPreempting(world: () => World): void {
  const stopped = (w: World, lease: Lease, result: Partial<TaskResult> = {}) =>
    w.settle(lease, { result: { ...STOPPED, ...result } });
  const renewed = async (w: World, lease: Lease) => {
    const [outcome] = await w.record.renewLeases([
      { ...claimOf(lease), agentId: lease.agentId, leaseMs: LEASE_MS },
    ]);
    return outcome;
  };

  describe('preemptTasks', () => {
    test('a task that runs is asked back, its lease cut to the grace, and the trail says for what', async () => {
      const w = world();
      const lease = await w.running();
      const forTaskId = v7();

      expect(await w.preempt(lease, 2_000, forTaskId)).toEqual({
        kind: 'OK',
        change: { org: w.org, taskId: lease.taskId, seq: 4, state: 'PREEMPTING' },
        agentId: 'agent-1',
        changed: true,
      });
      const [held] = await w.record.getLeases([claimOf(lease)]);
      expect(held?.state).toBe('PREEMPTING');
      expect(held?.remainingMs).toBeLessThanOrEqual(2_000);
      expect((await w.events(lease.taskId)).at(-1)).toMatchObject({
        type: 'PREEMPTION_BEGUN',
        epoch: 1,
        agentId: 'agent-1',
        detail: { preempted_for: forTaskId },
      });
      await w.expectConsistent(lease.taskId);
    });

    test('the grace never prolongs a lease, and a renewal tells what remains and why', async () => {
      const w = world();
      const lease = await w.running({}, 1_000);
      await w.preempt(lease, 3_600_000);

      const outcome = await renewed(w, lease);
      expect(outcome).toMatchObject({ kind: 'CANCEL', cause: 'PREEMPTED' });
      expect(outcome).toHaveProperty(
        'remainingMs',
        expect.toSatisfy((ms) => ms > 0 && ms <= 1_000),
      );
    });

    test('again: ok, unchanged', async () => {
      const w = world();
      const lease = await w.running();
      await w.preempt(lease);
      const again = { kind: 'OK', changed: false, agentId: 'agent-1', change: { seq: 4 } };
      expect(await w.preempt(lease)).toMatchObject(again);
      expect(await w.types(lease.taskId)).toHaveLength(4);
    });

    test('only what runs, by the claim that is named', async () => {
      const w = world();
      const assigned = await w.claim(await w.submit());
      expect(await w.preempt(assigned)).toEqual({ kind: 'REFUSED', state: 'ASSIGNED', epoch: 1 });
      const lease = await w.running();
      expect(await w.preempt({ ...lease, epoch: 2 })).toEqual({
        kind: 'REFUSED',
        state: 'RUNNING',
        epoch: 1,
      });
      await w.settle(lease);
      expect(await w.preempt(lease)).toEqual({ kind: 'REFUSED', state: 'SUCCEEDED', epoch: 1 });
      expect(await w.preempt({ ...lease, taskId: v7() })).toEqual({ kind: 'NOT_FOUND' });
    });

    test.each([
      ['CANCELLED', {}],
      ['FAILED for that', { outcome: 'FAILED' }],
    ] as const)(
      'an agent that stops (%s) leaves it queued at its old place, the attempt given back',
      async (_, result) => {
        const w = world();
        const lease = await w.running();
        const { score, runnableTime } = await w.get(lease.taskId);
        await w.preempt(lease);

        expect(await stopped(w, lease, result)).toMatchObject({
          kind: 'OK',
          epoch: 1,
          change: { seq: 5, state: 'QUEUED' },
          runTime: null,
          ready: { taskId: lease.taskId, score, kind: 'document.summarize', lastAgentId: 'agent-1' },
        });
        expect(await w.get(lease.taskId)).toMatchObject({
          ...{ state: 'QUEUED', reason: 'PREEMPTED', score, runnableTime },
          ...{ attempt: 0, deliveries: 0, preemptions: 1 },
        });
        expect((await w.events(lease.taskId)).at(-1)).toMatchObject({
          ...{ type: 'PREEMPTED', state: 'QUEUED', epoch: 1, attempt: 0, agentId: 'agent-1' },
          ...{ reason: 'PREEMPTED', detail: { error_kind: 'PREEMPTED' } },
        });
        await w.expectConsistent(lease.taskId);
        const next = await w.claim(lease.taskId, 'agent-2');
        expect(next).toMatchObject({ epoch: 2, attempt: 1, deliveries: 1 });
        await w.expectConsistent(lease.taskId);
      },
    );

    test('a success that comes first counts, and a failure of its own is one', async () => {
      const w = world();
      const done = await w.running();
      const broken = await w.running();
      for (const lease of [done, broken]) await w.preempt(lease);

      expect(await w.settle(done)).toMatchObject({ kind: 'OK', change: { state: 'SUCCEEDED' } });
      expect(await w.fail(broken)).toMatchObject({ kind: 'OK', change: { state: 'SCHEDULED' } });
      expect(await w.get(broken.taskId)).toMatchObject({ attempt: 1, preemptions: 0, reason: 'RateLimited' });
      for (const { taskId } of [done, broken]) await w.expectConsistent(taskId);
    });

    test('a failure for that which is final says so', async () => {
      const w = world();
      const lease = await w.running();
      await w.preempt(lease);
      const error = { kind: 'PREEMPTED', message: '', retryable: false, detail: null };
      const result = { ...STOPPED, outcome: 'FAILED', error } as const;
      const outcome = await w.settle(lease, { result, afterFailure: { to: 'FAILED', delayMs: 0 } });
      expect(outcome).toMatchObject({ kind: 'OK', change: { state: 'FAILED' } });
      await w.expectConsistent(lease.taskId);
    });

    test('an agent that does not stop loses it with the grace, and its late result does not count', async () => {
      const w = world();
      const lease = await w.running();
      await w.preempt(lease, 60_000);
      expect((await w.expire(lease))?.kind).toBe('NOT_DUE');
      const late = await w.running();
      await w.preempt(late, 0);

      expect(await w.expire(late)).toMatchObject({
        kind: 'OK',
        epoch: 1,
        agentId: 'agent-1',
        change: { state: 'QUEUED' },
        ready: { taskId: late.taskId },
      });
      expect(await w.get(late.taskId)).toMatchObject({ attempt: 0, preemptions: 1, reason: 'PREEMPTED' });
      expect(await w.types(late.taskId)).toEqual([
        ...['SUBMITTED', 'CLAIMED', 'ACCEPTED', 'PREEMPTION_BEGUN', 'PREEMPTED'],
      ]);
      expect(await w.settle(late)).toEqual({ kind: 'REFUSED', state: 'QUEUED', epoch: 1 });
      // Its own agent may have it again: by another claim.
      const again = await w.claim(late.taskId);
      expect(await w.settle(late)).toEqual({ kind: 'REFUSED', state: 'ASSIGNED', epoch: 2 });
      expect((await w.settle(again))?.kind).toBe('OK');
      await w.expectConsistent(late.taskId);
    });

    test('a repeat of the result that ended it is told from another one', async () => {
      const w = world();
      const lease = await w.running();
      await w.preempt(lease);
      const request = settlement(lease, 'CANCELLED', { result: STOPPED });
      const outcomes = [];
      for (const one of [request, request, { ...request, resultId: v7() }])
        outcomes.push(...(await w.record.settleTasks([one])));
      expect(outcomes.map(({ kind }) => kind)).toEqual(['OK', 'ALREADY_RECORDED', 'CONFLICT']);
    });

    test('an attempt that takes longer than it may fails all the same', async () => {
      const w = world();
      const lease = await w.running({ attemptTimeoutMs: 0 });
      await w.preempt(lease);
      expect(await w.expire(lease, { cause: 'ATTEMPT_TIMED_OUT' })).toMatchObject({
        kind: 'OK',
        change: { state: 'SCHEDULED' },
      });
      expect(await w.get(lease.taskId)).toMatchObject({ attempt: 1, preemptions: 0 });
      await w.expectConsistent(lease.taskId);
    });

    test('a cancel and a deadline come first', async () => {
      const w = world();
      const cancelled = await w.running();
      const late = await w.running({ deadline: Date.now() - 1_000 });
      for (const lease of [cancelled, late]) await w.preempt(lease);

      expect(await w.cancel(cancelled.taskId)).toMatchObject({ kind: 'OK', change: { state: 'CANCELLING' } });
      expect(await renewed(w, cancelled)).toMatchObject({ kind: 'CANCEL', cause: 'CANCELLED' });
      expect(await stopped(w, cancelled)).toMatchObject({ change: { state: 'CANCELLED' }, ready: null });
      expect(await w.timeOut(late.taskId)).toMatchObject({ kind: 'OK', change: { state: 'TIMED_OUT' } });
      for (const { taskId } of [cancelled, late]) await w.expectConsistent(taskId);
    });

    test('so many times, and no more until a person retries it', async () => {
      const w = world();
      const taskId = await w.submit();
      for (let round = 1; round <= MOST_PREEMPTIONS; round++) {
        const lease = await w.claim(taskId);
        await w.accept(lease);
        expect(await w.preempt(lease)).toMatchObject({ kind: 'OK', changed: true });
        await stopped(w, lease);
      }
      const last = await w.claim(taskId);
      await w.accept(last);
      expect(await w.preempt(last)).toEqual({ kind: 'TOO_OFTEN' });
      expect(await w.get(taskId)).toMatchObject({
        state: 'RUNNING',
        attempt: 1,
        preemptions: MOST_PREEMPTIONS,
      });

      await w.fail(last, false);
      await w.retry(taskId);
      expect(await w.get(taskId)).toMatchObject({ state: 'QUEUED', preemptions: 0 });
      const again = await w.claim(taskId);
      await w.accept(again);
      expect(await w.preempt(again)).toMatchObject({ kind: 'OK', changed: true });
      await w.expectConsistent(taskId);
    });
  });
}
