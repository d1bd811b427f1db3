import { v7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import type { UpdateRequest } from '../../src/ports/task-record.js';
import type { World } from './task-record-world.js';

const HOUR = 3_600_000;
const text = new TextEncoder();

export async function updateTask(w: World, taskId: string, changes: Partial<UpdateRequest> = {}) {
  const { seq, tier, spec } = await w.get(taskId);
  const { labels, requirements, runAt, deadline } = spec;
  const [outcome] = await w.record.updateTasks([
    {
      org: w.org,
      taskId,
      seq,
      tier,
      headStartMs: 0,
      labels,
      requirements,
      runAt,
      reschedules: false,
      deadline,
      body: text.encode('new body'),
      actor: 'carol',
      detail: { tier },
      ...changes,
    },
  ]);
  return outcome;
}

export function testUpdating(world: () => World): void {
  describe('updateTasks', () => {
    test('changes the row, the spec and the trail', async () => {
      const w = world();
      const id = await w.submit({ tier: 'LOW', labels: { a: '1' } });
      const deadline = Date.now() + HOUR;
      const { requirements } = (await w.get(id)).spec;
      const outcome = await updateTask(w, id, {
        tier: 'URGENT',
        headStartMs: 24 * HOUR,
        labels: { b: '2' },
        requirements: { ...requirements, region: 'eu' },
        deadline,
        detail: { tier: 'URGENT' },
      });

      const task = await w.get(id);
      const score = (task.runnableTime ?? 0) - 24 * HOUR;
      expect(outcome).toMatchObject({
        kind: 'OK',
        ready: { tier: 'URGENT', score, requirements: { region: 'eu' } },
      });
      expect(task).toMatchObject({ state: 'QUEUED', tier: 'URGENT', score });
      expect(task.spec).toMatchObject({
        tier: 'URGENT',
        labels: { b: '2' },
        requirements: { region: 'eu' },
        deadline,
      });
      expect(task.spec.body).toEqual(text.encode('new body'));
      const event = (await w.events(id)).at(-1);
      expect(event).toMatchObject({
        type: 'UPDATED',
        actorSubjectId: 'carol',
        detail: { tier: 'URGENT', score },
      });
      await w.expectConsistent(id);
    });

    test('a new time moves a task between QUEUED and SCHEDULED', async () => {
      const w = world();
      const id = await w.submit();
      const runAt = Date.now() + HOUR;
      expect(await updateTask(w, id, { runAt, reschedules: true })).toMatchObject({
        kind: 'OK',
        change: { state: 'SCHEDULED' },
        runTime: runAt,
      });
      expect(await w.get(id)).toMatchObject({ state: 'SCHEDULED', runTime: runAt });
      await updateTask(w, id, { runAt: null, reschedules: true });
      expect(await w.get(id)).toMatchObject({ state: 'QUEUED', runTime: null });
      await w.expectConsistent(id);
    });

    test('other changes leave the time of a SCHEDULED task', async () => {
      const w = world();
      const runTime = Date.now() + HOUR;
      const id = await w.submit({ runAt: runTime }, { runTime });
      await updateTask(w, id, { tier: 'HIGH', headStartMs: 12 * HOUR });
      expect(await w.get(id)).toMatchObject({ state: 'SCHEDULED', runTime, score: runTime - 12 * HOUR });
      await w.expectConsistent(id);
    });

    test('what a blocked task inherited stays', async () => {
      const w = world();
      const up = await w.submit({}, { score: Date.now() });
      const urgent = Date.now() - 48 * HOUR;
      await w.submit({ dependencies: [{ taskId: up, runAnyway: false }] }, { score: urgent });
      await updateTask(w, up, { tier: 'LOW' });
      expect((await w.get(up)).score).toBe(urgent);
    });

    test('is refused when the task has changed, or does not wait', async () => {
      const w = world();
      const id = await w.submit();
      expect(await updateTask(w, id, { seq: 7 })).toEqual({ kind: 'CHANGED_SINCE' });
      const lease = await w.running();
      expect(await updateTask(w, lease.taskId)).toMatchObject({ kind: 'REFUSED', state: 'RUNNING' });
      await w.settle(lease);
      expect(await updateTask(w, lease.taskId)).toMatchObject({ kind: 'REFUSED', state: 'SUCCEEDED' });
      expect(await updateTask(w, id, { taskId: v7() })).toEqual({ kind: 'NOT_FOUND' });
      expect((await w.get(id)).tier).toBe('NORMAL');
    });
  });
}
