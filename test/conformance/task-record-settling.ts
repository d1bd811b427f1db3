import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { LEASE_MS, resultOf, settlement, type World } from './task-record-world.js';

export function testSettling(world: () => World): void {
  describe('settleTasks', () => {
    test('a success ends the task with its result', async () => {
      const w = world();
      const lease = await w.running();

      expect(await w.settle(lease)).toMatchObject({
        kind: 'OK',
        change: { org: w.org, taskId: lease.taskId, seq: 4, state: 'SUCCEEDED' },
        agentId: 'agent-1',
        ready: null,
        runTime: null,
      });
      const task = await w.get(lease.taskId);
      expect(task.state).toBe('SUCCEEDED');
      expect(task.finishTime).not.toBeNull();
      expect(task.result).toEqual({ ...resultOf('SUCCEEDED'), epoch: 1, createTime: expect.any(Number) });
      await w.expectConsistent(lease.taskId);
    });

    test('a result that comes before its accept writes both events', async () => {
      const w = world();
      const lease = await w.claim(await w.submit());

      expect(await w.settle(lease)).toMatchObject({ kind: 'OK', change: { seq: 4, state: 'SUCCEEDED' } });
      expect(await w.types(lease.taskId)).toEqual(['SUBMITTED', 'CLAIMED', 'ACCEPTED', 'SUCCEEDED']);
      await w.expectConsistent(lease.taskId);
    });

    test('accept and result at once: both are recorded, and the trail is the same', async () => {
      const w = world();
      const lease = await w.claim(await w.submit());
      const [, settled] = await Promise.all([w.accept(lease), w.settle(lease)]);

      expect(settled?.kind).toBe('OK');
      expect(await w.types(lease.taskId)).toEqual(['SUBMITTED', 'CLAIMED', 'ACCEPTED', 'SUCCEEDED']);
      await w.expectConsistent(lease.taskId);
    });

    test('a failure with attempts left schedules the next one', async () => {
      const w = world();
      const taskId = await w.submit({ tier: 'LOW' }, { score: 7 });
      const lease = await w.claim(taskId);
      const outcome = await w.fail(lease, true, { afterFailure: { to: 'SCHEDULED', delayMs: 60_000 } });

      const task = await w.get(taskId);
      expect(outcome).toMatchObject({
        kind: 'OK',
        change: { state: 'SCHEDULED' },
        ready: { taskId, tier: 'LOW', band: 'OTHER', score: 7, requirements: task.spec.requirements },
        runTime: task.runTime,
      });
      expect(task).toMatchObject({ state: 'SCHEDULED', attempt: 1, finishTime: null, reason: 'RateLimited' });
      expect(task.result).toMatchObject({ outcome: 'FAILED', epoch: 1, error: resultOf('FAILED').error });
      expect((await w.events(taskId)).at(-1)?.detail).toMatchObject({
        error_kind: 'RateLimited',
        error_message: 'too many calls',
        run_time: expect.any(String),
      });
      await w.expectConsistent(taskId);
    });

    test('a failure that is not to be retried ends the task, one too many makes it a dead letter', async () => {
      const w = world();
      const final = await w.running();
      await w.fail(final, false);
      const last = await w.running({
        retry: { maxAttempts: 1, initialBackoffMs: 1, maxBackoffMs: 1, backoffMultiplier: 1 },
      });
      await w.fail(last);

      expect((await w.get(final.taskId)).state).toBe('FAILED');
      expect((await w.get(last.taskId)).state).toBe('DEAD_LETTER');
      await w.expectConsistent(final.taskId);
      await w.expectConsistent(last.taskId);
    });

    test('the newest result is the one that is shown', async () => {
      const w = world();
      const first = await w.running();
      await w.fail(first);
      await w.promote(first.taskId);
      await w.settle(await w.claim(first.taskId));

      expect((await w.get(first.taskId)).result).toMatchObject({ outcome: 'SUCCEEDED', epoch: 2 });
      await w.expectConsistent(first.taskId);
    });

    test('the same result again is recorded already, another one conflicts', async () => {
      const w = world();
      const lease = await w.running();
      const resultId = randomUUID();
      await w.settle(lease, { resultId });

      expect(await w.settle(lease, { resultId })).toEqual({ kind: 'ALREADY_RECORDED' });
      expect(await w.settle(lease)).toEqual({ kind: 'CONFLICT' });
      expect(await w.settle({ ...lease, agentId: 'agent-2' }, { resultId })).toEqual({
        kind: 'REFUSED',
        state: 'SUCCEEDED',
        epoch: 1,
      });
      expect(await w.events(lease.taskId)).toHaveLength(4);
    });

    test('the same result twice in one batch is recorded once', async () => {
      const w = world();
      const lease = await w.running();
      const request = settlement(lease, 'SUCCEEDED');
      const outcomes = await w.record.settleTasks([request, request, settlement(lease, 'FAILED')]);

      expect(outcomes.map((o) => o.kind)).toEqual(['OK', 'ALREADY_RECORDED', 'CONFLICT']);
    });

    test('a repeat is known when the task has long been claimed again', async () => {
      const w = world();
      const lease = await w.running();
      const resultId = randomUUID();
      await w.fail(lease, true, { resultId });
      await w.promote(lease.taskId);
      await w.claim(lease.taskId, 'agent-2');

      expect(await w.fail(lease, true, { resultId })).toEqual({ kind: 'ALREADY_RECORDED' });
      expect((await w.get(lease.taskId)).state).toBe('ASSIGNED');
    });

    test('a holder whose lease was lost is refused, its result is nowhere', async () => {
      const w = world();
      const stale = await w.running({}, 0);
      await w.expire(stale);
      expect(await w.settle(stale)).toEqual({ kind: 'REFUSED', state: 'SCHEDULED', epoch: 1 });
      await w.promote(stale.taskId);
      const current = await w.claim(stale.taskId, 'agent-2');
      const refused = { kind: 'REFUSED', state: 'ASSIGNED', epoch: 2 };

      expect(await w.settle(stale)).toEqual(refused);
      expect(await w.settle({ ...stale, epoch: current.epoch })).toEqual(refused);
      expect((await w.get(stale.taskId)).result).toBeNull();
      expect((await w.settle(current))?.kind).toBe('OK');
      await w.expectConsistent(stale.taskId);
    });

    test('what does not exist is not found', async () => {
      const w = world();
      const lease = await w.running();

      expect(await w.settle({ ...lease, taskId: v7() })).toEqual({ kind: 'NOT_FOUND' });
      expect(await w.settle({ ...lease, org: 'another' })).toEqual({ kind: 'NOT_FOUND' });
    });

    test('an output that the store cannot hold rejects its own call only', async () => {
      const w = world();
      const leases = [await w.running(), await w.running(), await w.running()];
      const calls = leases.map((lease, i) =>
        w.record.settleTasks([
          settlement(lease, 'SUCCEEDED', {
            result: { ...resultOf('SUCCEEDED'), summary: i === 1 ? '\u0000' : '' },
          }),
        ]),
      );
      const settled = await Promise.allSettled(calls);

      expect(settled.map((s) => s.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect((await w.get(leases[1]?.taskId ?? '')).state).toBe('RUNNING');
    });

    test('an empty output is not the same as none', async () => {
      const w = world();
      const lease = await w.running();
      const output = { mediaType: 'text/plain', data: new Uint8Array() };
      await w.settle(lease, { result: { ...resultOf('SUCCEEDED'), output } });

      expect((await w.get(lease.taskId)).result?.output).toEqual(output);
    });
  });

  describe('retryTasks', () => {
    test('begins a new series at the old place', async () => {
      const w = world();
      const taskId = await w.submit({}, { score: 99 });
      const lease = await w.claim(taskId);
      await w.fail(lease, false);

      expect(await w.retry(taskId)).toMatchObject({
        kind: 'OK',
        change: { state: 'QUEUED' },
        agentId: 'agent-1',
        ready: { taskId, score: 99, kind: 'document.summarize', lastAgentId: 'agent-1' },
      });
      expect(await w.get(taskId)).toMatchObject({
        state: 'QUEUED',
        series: 1,
        attempt: 0,
        deliveries: 0,
        epoch: 1,
        finishTime: null,
        reason: 'once more',
      });
      const again = await w.claim(taskId);
      expect(again).toMatchObject({ epoch: 2, attempt: 1 });
      await w.settle(again);
      await w.expectConsistent(taskId);
    });

    test('gives as long as it is told to', async () => {
      const w = world();
      const soon = Date.now() + 3_600_000;
      const taskId = await w.submit({ deadline: soon });
      await w.cancel(taskId);
      expect((await w.retry(taskId, { timeoutMs: 86_400_000 }))?.kind).toBe('OK');
      const { spec } = (await w.get(taskId)) ?? {};
      expect(spec?.deadline).toBeGreaterThan(soon + 3_600_000);
      await w.expectConsistent(taskId);
    });

    test('is for tasks that ended without success', async () => {
      const w = world();
      const queued = await w.submit();
      const done = await w.running();
      await w.settle(done);
      const cancelled = await w.submit();
      await w.cancel(cancelled);

      expect(await w.retry(queued)).toEqual({ kind: 'REFUSED', state: 'QUEUED', epoch: 0 });
      expect(await w.retry(done.taskId)).toEqual({ kind: 'REFUSED', state: 'SUCCEEDED', epoch: 1 });
      expect((await w.retry(cancelled))?.kind).toBe('OK');
      expect(await w.retry(v7())).toEqual({ kind: 'NOT_FOUND' });
      await w.expectConsistent(cancelled);
    });

    test('a result of the series before does not count', async () => {
      const w = world();
      const lease = await w.running();
      await w.cancel(lease.taskId, 0);
      await w.expire(lease);
      await w.retry(lease.taskId);

      expect(await w.settle(lease)).toEqual({ kind: 'REFUSED', state: 'QUEUED', epoch: 1 });
      expect((await w.tryClaim(lease.taskId, 'agent-2', LEASE_MS)).kind).toBe('OK');
      await w.expectConsistent(lease.taskId);
    });
  });
}
