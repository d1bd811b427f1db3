import { v7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import type { World } from './task-record-world.js';

const PAST = 1_000;

export function testDeadlines(world: () => World): void {
  describe('timeOutTasks', () => {
    test('ends a task in whichever open state it is', async () => {
      const w = world();
      const deadline = Date.now() - PAST;
      const queued = await w.submit({ deadline });
      const scheduled = await w.submit({ deadline }, { runTime: Date.now() + 3_600_000 });
      const assigned = await w.claim(await w.submit({ deadline }));
      const running = await w.running({ deadline });
      const cancelling = await w.running({ deadline });
      await w.cancel(cancelling.taskId);
      const blocked = await w.submit({
        deadline,
        dependencies: [{ taskId: await w.submit(), runAnyway: false }],
      });
      const ids = [queued, scheduled, assigned.taskId, running.taskId, cancelling.taskId, blocked];
      for (const id of ids) {
        expect(await w.timeOut(id)).toMatchObject({ kind: 'OK', change: { taskId: id, state: 'TIMED_OUT' } });
        const task = await w.get(id);
        expect(task).toMatchObject({ state: 'TIMED_OUT', reason: 'DEADLINE_PASSED', runTime: null });
        expect(task.finishTime).not.toBeNull();
        await w.expectConsistent(id);
      }
    });

    test('a result that comes afterwards is refused', async () => {
      const w = world();
      const lease = await w.running({ deadline: Date.now() - PAST });
      await w.timeOut(lease.taskId);
      expect(await w.settle(lease)).toMatchObject({ kind: 'REFUSED', state: 'TIMED_OUT' });
    });

    test('says what remains, and refuses what has none or has ended', async () => {
      const w = world();
      const later = await w.submit({ deadline: Date.now() + 3_600_000 });
      const outcome = await w.timeOut(later);
      expect(outcome?.kind).toBe('NOT_DUE');
      expect((await w.get(later)).spec.deadline).toBeGreaterThan(Date.now());

      expect(await w.timeOut(await w.submit())).toMatchObject({ kind: 'REFUSED', state: 'QUEUED' });
      const done = await w.submit({ deadline: Date.now() - PAST });
      await w.cancel(done);
      expect(await w.timeOut(done)).toMatchObject({ kind: 'REFUSED', state: 'CANCELLED' });
      expect(await w.timeOut(v7())).toEqual({ kind: 'NOT_FOUND' });
    });

    test('a retry waits for the time to run, if that is still to come', async () => {
      const w = world();
      const runTime = Date.now() + 3_600_000;
      const id = await w.submit({ runAt: runTime }, { runTime });
      await w.cancel(id);
      const outcome = await w.retry(id);
      expect(outcome).toMatchObject({ kind: 'OK', runTime, ready: { taskId: id } });
      expect(await w.get(id)).toMatchObject({ state: 'SCHEDULED', runTime, runnableTime: null, series: 1 });
      await w.expectConsistent(id);
    });

    test('a retry drops a deadline that has passed', async () => {
      const w = world();
      const deadline = Date.now() - PAST;
      const id = await w.submit({ deadline });
      await w.timeOut(id);
      await w.retry(id);
      expect((await w.get(id)).spec.deadline).toBeNull();
      const retried = (await w.events(id)).at(-1);
      expect(retried?.type).toBe('RETRIED');
      expect(Date.parse(String(retried?.detail.dropped_deadline))).toBe(deadline);
      expect(await w.timeOut(id)).toMatchObject({ kind: 'REFUSED', state: 'QUEUED' });
      await w.expectConsistent(id);
    });

    test('open tasks are listed with their deadlines', async () => {
      const w = world();
      const deadline = Date.now() + 3_600_000;
      const id = await w.submit({ deadline });
      const { tasks } = await w.record.listOpenTasks({ org: w.org, taskId: id.replace(/.$/, '0') }, 1_000);
      const mine =
        tasks.find(({ ready }) => ready.taskId === id) ??
        (await w.record.listOpenTasks({ org: w.org, taskId: '00000000-0000-0000-0000-000000000000' }, 1_000))
          .tasks[0];
      expect(mine).toMatchObject({ ready: { taskId: id }, deadline });
    });
  });
}
