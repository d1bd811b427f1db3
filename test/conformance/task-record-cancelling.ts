import { v7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { claimOf, settlement, type World } from './task-record-world.js';

export function testCancelling(world: () => World): void {
  describe('cancelTasks', () => {
    test('a task that waits is cancelled at once', async () => {
      const w = world();
      const queued = await w.submit();
      const scheduled = await w.running();
      await w.fail(scheduled, true, { afterFailure: { to: 'SCHEDULED', delayMs: 60_000 } });

      expect(await w.cancel(queued)).toMatchObject({
        kind: 'OK',
        change: { org: w.org, taskId: queued, seq: 2, state: 'CANCELLED' },
        epoch: 0,
        agentId: null,
        changed: true,
      });
      expect(await w.cancel(scheduled.taskId)).toMatchObject({
        change: { state: 'CANCELLED' },
        agentId: null,
      });
      const task = await w.get(queued);
      expect(task.reason).toBe('changed my mind');
      expect(task.finishTime).not.toBeNull();
      expect((await w.events(queued)).at(-1)).toMatchObject({
        type: 'CANCELLED',
        actorSubjectId: 'bob',
        reason: 'changed my mind',
      });
      expect((await w.tryClaim(queued)).kind).toBe('REFUSED');
      await w.expectConsistent(queued);
      await w.expectConsistent(scheduled.taskId);
    });

    test('a task that is held is asked back, its lease cut to the grace', async () => {
      const w = world();
      const lease = await w.running();

      expect(await w.cancel(lease.taskId, 2_000)).toMatchObject({
        kind: 'OK',
        change: { state: 'CANCELLING' },
        epoch: 1,
        agentId: 'agent-1',
        changed: true,
      });
      const [held] = await w.record.getLeases([claimOf(lease)]);
      expect(held?.state).toBe('CANCELLING');
      expect(held?.remainingMs).toBeLessThanOrEqual(2_000);
      await w.expectConsistent(lease.taskId);
    });

    test('the grace never prolongs a lease', async () => {
      const w = world();
      const lease = await w.running({}, 1_000);
      await w.cancel(lease.taskId, 3_600_000);

      expect((await w.record.getLeases([claimOf(lease)]))[0]?.remainingMs).toBeLessThanOrEqual(1_000);
    });

    test('again: ok, unchanged', async () => {
      const w = world();
      const held = await w.running();
      const waiting = await w.submit();
      for (const taskId of [held.taskId, waiting]) await w.cancel(taskId);

      expect(await w.cancel(held.taskId)).toMatchObject({
        kind: 'OK',
        changed: false,
        agentId: 'agent-1',
        change: { state: 'CANCELLING', seq: 4 },
      });
      expect(await w.cancel(waiting)).toMatchObject({ kind: 'OK', changed: false, change: { seq: 2 } });
    });

    test('what has ended otherwise is refused, what is not there is not found', async () => {
      const w = world();
      const lease = await w.running();
      await w.settle(lease);

      expect(await w.cancel(lease.taskId)).toEqual({ kind: 'REFUSED', state: 'SUCCEEDED', epoch: 1 });
      expect(await w.cancel(v7())).toEqual({ kind: 'NOT_FOUND' });
    });

    test('what was decided before a retry does not end what came of that', async () => {
      const w = world();
      const taskId = await w.submit();
      const cancelRun = async (series: number) => {
        const request = { org: w.org, taskId, series, graceMs: 0, reason: 'it is over', actor: 'bob' };
        return (await w.record.cancelTasks([request]))[0];
      };
      expect(await cancelRun(0)).toMatchObject({ kind: 'OK', changed: true });
      await w.retry(taskId);

      expect(await cancelRun(0)).toEqual({ kind: 'REFUSED', state: 'QUEUED', epoch: 0 });
      expect(await cancelRun(1)).toMatchObject({ kind: 'OK', changed: true });
      await w.expectConsistent(taskId);
    });

    test('a success that comes before the grace is over counts', async () => {
      const w = world();
      const lease = await w.running();
      await w.cancel(lease.taskId);

      expect(await w.settle(lease)).toMatchObject({ kind: 'OK', change: { state: 'SUCCEEDED' } });
      expect((await w.get(lease.taskId)).reason).toBe('');
      await w.expectConsistent(lease.taskId);
    });

    test.each(['CANCELLED', 'FAILED'] as const)('%s from the agent confirms the cancel', async (outcome) => {
      const w = world();
      const lease = await w.running();
      await w.cancel(lease.taskId);
      const [settled] = await w.record.settleTasks([settlement(lease, outcome)]);

      expect(settled).toMatchObject({ kind: 'OK', change: { state: 'CANCELLED' }, ready: null });
      expect(await w.get(lease.taskId)).toMatchObject({
        reason: 'changed my mind',
        result: { outcome },
      });
      await w.expectConsistent(lease.taskId);
    });

    test('an attempt that says CANCELLED without having been asked has failed', async () => {
      const w = world();
      const lease = await w.running();
      const [settled] = await w.record.settleTasks([settlement(lease, 'CANCELLED')]);

      expect(settled).toMatchObject({ kind: 'OK', change: { state: 'SCHEDULED' } });
      await w.expectConsistent(lease.taskId);
    });

    test('once the grace is over the task is cancelled and no result is recorded any more', async () => {
      const w = world();
      const lease = await w.running();
      await w.cancel(lease.taskId, 0);

      expect(await w.expire(lease)).toMatchObject({
        kind: 'OK',
        change: { state: 'CANCELLED' },
        ready: null,
      });
      expect(await w.settle(lease)).toEqual({ kind: 'REFUSED', state: 'CANCELLED', epoch: 1 });
      expect(await w.accept(lease)).toEqual({ kind: 'REFUSED', state: 'CANCELLED', epoch: 1 });
      expect((await w.get(lease.taskId)).result).toBeNull();
      expect((await w.get(lease.taskId)).reason).toBe('changed my mind');
      await w.expectConsistent(lease.taskId);
    });

    test('a task that was retried since is left alone by who means the series before', async () => {
      const w = world();
      const taskId = await w.submit();
      await w.cancel(taskId);
      await w.retry(taskId);
      const request = { org: w.org, taskId, graceMs: 0, reason: 'late', actor: 'bob' };

      const [late] = await w.record.cancelTasks([{ ...request, series: 0 }]);
      expect(late).toEqual({ kind: 'REFUSED', state: 'QUEUED', epoch: 0 });
      const [now] = await w.record.cancelTasks([{ ...request, series: 1 }]);
      expect(now).toMatchObject({ kind: 'OK', changed: true, change: { state: 'CANCELLED' } });
      await w.expectConsistent(taskId);
    });

    test('an assignment that is being cancelled is not accepted', async () => {
      const w = world();
      const lease = await w.claim(await w.submit());
      await w.cancel(lease.taskId);

      expect(await w.accept(lease)).toEqual({ kind: 'REFUSED', state: 'CANCELLING', epoch: 1 });
      await w.expectConsistent(lease.taskId);
    });
  });
}
