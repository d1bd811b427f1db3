import { describe, expect, test } from 'vitest';
import { updateTask } from './task-record-updating.js';
import type { World } from './task-record-world.js';

const HOUR = 3_600_000;

export function testUrgency(world: () => World): void {
  describe('inherited urgency', () => {
    test('what an urgent task waits for becomes as urgent, along the chain, and says so', async () => {
      const w = world();
      const now = Date.now();
      const low = (rest = {}) => w.submit({ tier: 'LOW', ...rest }, { score: now });
      const first = await low();
      const second = await low({ dependencies: [{ taskId: first, runAnyway: false }] });
      const other = await low();
      const urgent = w.newTask(
        { tier: 'URGENT', dependencies: [{ taskId: second, runAnyway: false }] },
        { score: now - 24 * HOUR, headStartMs: 24 * HOUR },
      );
      const [outcome] = await w.record.submitTasks([urgent]);

      if (outcome?.kind !== 'SUBMITTED') throw new Error(outcome?.kind);
      expect(outcome.urged.map(({ change }) => change.taskId).sort()).toEqual([first, second].sort());
      const ready = outcome.urged.find(({ change }) => change.taskId === first)?.ready;
      expect(ready?.score).toBe(now - 24 * HOUR);
      expect((await w.get(first)).score).toBe(now - 24 * HOUR);
      expect((await w.get(other)).score).toBe(now);
      expect(await w.types(first)).toEqual(['SUBMITTED', 'URGENCY_INHERITED']);
      const [, inherited] = await w.events(first);
      expect(inherited?.detail).toMatchObject({ score: now - 24 * HOUR, from: urgent.taskId });

      // When it is unblocked, it is where the urgent one wants it.
      await w.settle(await w.claim(first));
      expect((await w.get(second)).score).toBe(now - 24 * HOUR);
      for (const id of [first, second, urgent.taskId]) await w.expectConsistent(id);
    });

    test('what a task waits for that stands back inherits its whole place; unblocked, it stands back from then on', async () => {
      const w = world();
      const now = Date.now();
      const first = await w.submit(
        { tier: 'LOW' },
        { createTime: now, score: now + 4 * HOUR, headStartMs: -4 * HOUR },
      );
      const other = await w.submit({ tier: 'LOW' }, { createTime: now, score: now });
      const on = [first, other].map((taskId) => ({ taskId, runAnyway: false }));
      const last = await w.submit(
        { dependencies: on },
        { createTime: now, score: now + 2 * HOUR, headStartMs: -2 * HOUR },
      );
      expect((await w.get(first)).score).toBe(now + 2 * HOUR);
      expect((await w.get(other)).score).toBe(now);
      for (const id of [first, other]) await w.settle(await w.claim(id));
      const { state, score, runnableTime } = await w.get(last);
      expect([state, score - (runnableTime ?? 0)]).toEqual(['QUEUED', 2 * HOUR]);

      const again = await w.claim(last);
      await w.record.returnTasks([
        { org: w.org, taskId: last, epoch: again.epoch, agentId: null, to: 'QUEUED', reason: 'DRAINED' },
      ]);
      expect((await w.get(last)).score).toBe(score);
      await w.cancel(last);
      await w.retry(last);
      expect((await w.get(last)).score).toBe(score);
      await updateTask(w, last, { headStartMs: -HOUR });
      const updated = await w.get(last);
      expect(updated.score - (updated.runnableTime ?? 0)).toBe(HOUR);
      await w.expectConsistent(last);
    });

    test('what a blocked task waits for follows it when it is made more urgent, once', async () => {
      const w = world();
      const now = Date.now();
      const low = (...on: string[]) => {
        const dependencies = on.map((taskId) => ({ taskId, runAnyway: true }));
        return w.submit({ tier: 'LOW', dependencies }, { score: now, createTime: now });
      };
      const first = await low();
      const second = await low(first);
      const later = await low();
      const leased = (await w.running()).taskId;
      const ended = await low();
      const last = await low(second, later, leased, ended);
      await w.cancel(ended);
      await w.retry(ended);
      await updateTask(w, later, { runAt: now + HOUR, reschedules: true });
      const other = await low();
      const key = { org: w.org, taskId: last };
      expect(await w.record.urgeUpstreams([key])).toEqual([[]]);

      await updateTask(w, last, { tier: 'URGENT', headStartMs: 24 * HOUR });
      const { score } = await w.get(last);
      expect(score).toBe(now - 24 * HOUR);
      const [urged = []] = await w.record.urgeUpstreams([key]);
      expect(urged.map(({ change }) => change.taskId).sort()).toEqual([first, second, later].sort());
      const ready = urged.map(({ ready: one, runTime }) => [one?.taskId, one?.score, runTime]);
      expect(ready).toEqual(expect.arrayContaining([[first, score, null]]));
      expect(ready).toEqual(expect.arrayContaining([[later, score, null]]));
      expect(await w.get(first)).toMatchObject({ state: 'QUEUED', tier: 'LOW', score });
      expect(await w.get(later)).toMatchObject({ state: 'SCHEDULED', runTime: now + HOUR, score });
      for (const id of [other, ended]) expect((await w.get(id)).score).toBe(now);
      expect((await w.events(first)).at(-1)).toMatchObject({
        type: 'URGENCY_INHERITED',
        detail: { score, from: last },
      });

      // A repeat, or less urgency, changes nothing.
      expect(await w.record.urgeUpstreams([key])).toEqual([[]]);
      await updateTask(w, last, { tier: 'LOW', headStartMs: 0 });
      expect(await w.record.urgeUpstreams([key, { ...key, taskId: other }])).toEqual([[], []]);
      expect((await w.get(first)).score).toBe(score);
      for (const id of [first, second, later, last]) await w.expectConsistent(id);
    });

    test('it only ever raises, and what waits for nothing urges nobody', async () => {
      const w = world();
      const now = Date.now();
      const critical = await w.submit({ tier: 'CRITICAL' }, { score: now - 48 * HOUR });
      const dependencies = [{ taskId: critical, runAnyway: false }];
      const down = w.newTask({ tier: 'LOW', dependencies }, { score: now });
      const [outcome] = await w.record.submitTasks([down]);
      expect(outcome).toMatchObject({ kind: 'SUBMITTED', urged: [] });
      expect((await w.get(critical)).score).toBe(now - 48 * HOUR);
    });

    test("a person's task lifts what it waits for into the human band", async () => {
      const w = world();
      const up = await w.submit();
      const dependencies = [{ taskId: up, runAnyway: false }];
      const [outcome] = await w.record.submitTasks([w.newTask({ source: 'HUMAN', dependencies })]);
      if (outcome?.kind !== 'SUBMITTED') throw new Error(outcome?.kind);
      expect(outcome.urged.map(({ ready }) => ready?.band)).toEqual(['HUMAN']);
    });

    test('a sub-task is as urgent as the open task it is a part of', async () => {
      const w = world();
      const now = Date.now();
      const parent = await w.submit({ source: 'HUMAN' }, { score: now - 24 * HOUR });
      const child = w.newTask({ parentTaskId: parent }, { score: now });
      const [outcome] = await w.record.submitTasks([child]);
      expect(outcome).toMatchObject({ kind: 'SUBMITTED', score: now - 24 * HOUR, band: 'HUMAN' });
      expect((await w.get(child.taskId)).score).toBe(now - 24 * HOUR);

      await w.cancel(parent);
      const [late] = await w.record.submitTasks([w.newTask({ parentTaskId: parent }, { score: now })]);
      expect(late).toMatchObject({ kind: 'SUBMITTED', score: now, band: 'OTHER' });
    });

    test('a blocked task ages from when it is runnable', async () => {
      const w = world();
      const long = Date.now() - 10 * HOUR;
      const up = await w.submit();
      const dependencies = [{ taskId: up, runAnyway: false }];
      const down = await w.submit(
        { dependencies },
        { createTime: long, score: long - 6 * HOUR, headStartMs: 6 * HOUR },
      );
      const before = Date.now();
      await w.settle(await w.claim(up));
      const { score, runnableTime } = await w.get(down);
      expect(score).toBe((runnableTime ?? 0) - 6 * HOUR);
      expect(runnableTime).toBeGreaterThanOrEqual(before - 1_000);
    });
  });
}
