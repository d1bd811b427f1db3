import { v7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { claimOf, type World } from './task-record-world.js';

export function testExpiring(world: () => World): void {
  describe('expireLeases', () => {
    test('a lease that holds is not due', async () => {
      const w = world();
      const lease = await w.running({}, 30_000);
      const outcome = await w.expire(lease);

      expect(outcome?.kind).toBe('NOT_DUE');
      if (outcome?.kind === 'NOT_DUE') {
        expect(outcome.remainingMs).toBeGreaterThan(20_000);
        expect(outcome.remainingMs).toBeLessThanOrEqual(30_000);
      }
      expect((await w.get(lease.taskId)).state).toBe('RUNNING');
    });

    test('an assignment that was not accepted in time goes back', async () => {
      const w = world();
      const lease = await w.claim(await w.submit(), 'agent-1', 0);

      expect(await w.expire(lease)).toMatchObject({
        kind: 'OK',
        agentId: 'agent-1',
        change: { state: 'QUEUED' },
        ready: { taskId: lease.taskId },
      });
      expect(await w.get(lease.taskId)).toMatchObject({ attempt: 0, deliveries: 1, reason: 'NOT_ACCEPTED' });
      expect(await w.types(lease.taskId)).toEqual(['SUBMITTED', 'CLAIMED', 'RETURNED']);
      await w.expectConsistent(lease.taskId);
    });

    test('a lost lease fails the attempt; the task is scheduled again', async () => {
      const w = world();
      const lease = await w.running({}, 0);
      const outcome = await w.expire(lease, { afterFailure: { to: 'SCHEDULED', delayMs: 90_000 } });

      expect(outcome).toMatchObject({ kind: 'OK', agentId: 'agent-1', change: { state: 'SCHEDULED' } });
      const task = await w.get(lease.taskId);
      expect(task).toMatchObject({ state: 'SCHEDULED', reason: 'LEASE_EXPIRED', attempt: 1 });
      expect(outcome).toMatchObject({ runTime: task.runTime, ready: { taskId: lease.taskId } });
      expect(Math.abs((task.runTime ?? 0) - Date.now() - 90_000)).toBeLessThan(30_000);
      await w.expectConsistent(lease.taskId);
    });

    test('an agent that dies on every attempt leaves a dead letter at the maximum', async () => {
      const w = world();
      const taskId = await w.submit();
      for (let attempt = 1; attempt <= 3; attempt++) {
        const lease = await w.claim(taskId);
        expect(lease.attempt).toBe(attempt);
        await w.accept(lease, 0);
        await w.expire(lease);
        if (attempt < 3) expect((await w.promote(taskId))?.kind).toBe('OK');
      }

      expect(await w.get(taskId)).toMatchObject({
        state: 'DEAD_LETTER',
        reason: 'LEASE_EXPIRED',
        attempt: 3,
      });
      await w.expectConsistent(taskId);
    });

    test('an attempt that takes longer than it may is ended, its lease notwithstanding', async () => {
      const w = world();
      const lease = await w.running({ attemptTimeoutMs: 0 });

      expect((await w.expire(lease))?.kind).toBe('NOT_DUE');
      expect(await w.expire(lease, { cause: 'ATTEMPT_TIMED_OUT' })).toMatchObject({
        kind: 'OK',
        change: { state: 'SCHEDULED' },
      });
      expect((await w.get(lease.taskId)).reason).toBe('ATTEMPT_TIMED_OUT');
      await w.expectConsistent(lease.taskId);
    });

    test('an attempt without a bound does not time out', async () => {
      const w = world();
      const lease = await w.running();

      expect((await w.expire(lease, { cause: 'ATTEMPT_TIMED_OUT' }))?.kind).toBe('NOT_DUE');
    });

    test('of two reapers one wins', async () => {
      const w = world();
      const lease = await w.running({}, 0);
      const outcomes = await Promise.all([w.expire(lease), w.expire(lease)]);

      expect(outcomes.map((o) => o?.kind).sort()).toEqual(['OK', 'REFUSED']);
    });

    test('a lease that passed to another claim is not ended for the old one', async () => {
      const w = world();
      const first = await w.claim(await w.submit(), 'agent-1', 0);
      await w.expire(first);
      const second = await w.claim(first.taskId, 'agent-2', 0);

      expect(await w.expire(first)).toEqual({ kind: 'REFUSED', state: 'ASSIGNED', epoch: second.epoch });
    });
  });

  describe('promoteTasks', () => {
    test('queues what is due and says what remains of the rest', async () => {
      const w = world();
      const soon = await w.running();
      const later = await w.running();
      await w.fail(soon);
      await w.fail(later, true, { afterFailure: { to: 'SCHEDULED', delayMs: 50_000 } });

      expect(await w.promote(soon.taskId)).toMatchObject({
        kind: 'OK',
        change: { state: 'QUEUED' },
        ready: { taskId: soon.taskId, kind: 'document.summarize', lastAgentId: 'agent-1' },
        runTime: null,
      });
      const outcome = await w.promote(later.taskId);
      expect(outcome?.kind).toBe('NOT_DUE');
      if (outcome?.kind === 'NOT_DUE') expect(outcome.remainingMs).toBeGreaterThan(40_000);
      expect(await w.promote(soon.taskId)).toEqual({ kind: 'REFUSED', state: 'QUEUED', epoch: 1 });
      expect(await w.promote(v7())).toEqual({ kind: 'NOT_FOUND' });
      await w.expectConsistent(soon.taskId);
    });
  });

  describe('getLeases', () => {
    test('answers with current claims only', async () => {
      const w = world();
      const lease = await w.running({}, 40_000);
      const ended = await w.running();
      await w.settle(ended);
      const [held, ...others] = await w.record.getLeases([
        claimOf(lease),
        { ...claimOf(lease), epoch: 0 },
        claimOf(ended),
        { ...claimOf(lease), org: 'another' },
      ]);

      expect(held).toMatchObject({ lease, state: 'RUNNING', attemptRemainingMs: null });
      expect(held?.remainingMs).toBeGreaterThan(30_000);
      expect(others).toEqual([null, null, null]);
    });
  });
}
