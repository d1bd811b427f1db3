import { describe, expect, test } from 'vitest';
import { all, asks, awaiting, decide, HOUR, open } from './task-record-awaiting.js';
import { on } from './task-record-chains.js';
import type { World } from './task-record-world.js';

export function testApprovals(world: () => World): void {
  describe('decideTasks', () => {
    test('approved, it is runnable from then on, and ages from then on', async () => {
      const w = world();
      const id = await awaiting(w, {}, { createTime: Date.now() - HOUR, headStartMs: 6 * HOUR });
      const before = Date.now();
      const outcome = await decide(w, id);
      const task = await w.get(id);
      expect(outcome).toMatchObject({
        kind: 'OK',
        change: { taskId: id, seq: 2, state: 'QUEUED' },
        ready: { taskId: id, score: task.score },
        dependents: [],
      });
      expect(task).toMatchObject({ state: 'QUEUED', reason: '' });
      expect(task.runnableTime).toBeGreaterThan(before - 5_000);
      expect(Math.abs(task.score - ((task.runnableTime ?? 0) - 6 * HOUR))).toBeLessThan(2);
      expect((await w.events(id)).at(-1)).toMatchObject({
        type: 'APPROVED',
        state: 'QUEUED',
        actorSubjectId: 'dora',
        reason: 'fine',
        detail: { score: task.score },
      });
      await w.claim(id);
      await w.expectConsistent(id);
    });

    test('rejected, it has ended, and what waits for it is skipped in the step after', async () => {
      const w = world();
      const id = await awaiting(w);
      const dependent = await w.submit({ dependencies: on(id) });
      expect((await w.get(dependent)).state).toBe('BLOCKED');
      const outcome = await decide(w, id, { verdict: 'REJECT', reason: 'too dear' });
      expect(outcome).toMatchObject({ kind: 'OK', change: { state: 'REJECTED' }, ready: null });
      expect(await w.get(id)).toMatchObject({ state: 'REJECTED', reason: 'too dear' });
      await w.record.settleEdges([{ org: w.org, taskId: id }]);
      expect((await w.get(dependent)).state).toBe('SKIPPED');
      await w.expectConsistent(id);
    });

    test('approved before its time it is SCHEDULED, while others are open BLOCKED', async () => {
      const w = world();
      const runAt = Date.now() + HOUR;
      const later = await awaiting(w, { runAt });
      expect(await decide(w, later)).toMatchObject({ change: { state: 'SCHEDULED' }, runTime: runAt });
      expect((await w.get(later)).score).toBe(runAt);

      const upstream = await w.submit();
      const waiting = await awaiting(w, { dependencies: on(upstream) });
      expect((await w.get(waiting)).pending).toBe(1);
      expect(await decide(w, waiting)).toMatchObject({ change: { state: 'BLOCKED' }, ready: null });
      await w.settle(await w.claim(upstream));
      expect(await w.get(waiting)).toMatchObject({ state: 'QUEUED', pending: 0 });
      await w.expectConsistent(waiting);
    });

    test('what it depends on is looked at while it waits: succeeded, it does not wait for it', async () => {
      const w = world();
      const upstream = await w.submit();
      const id = await awaiting(w, { dependencies: on(upstream) });
      await w.settle(await w.claim(upstream));
      expect(await w.get(id)).toMatchObject({ state: 'AWAITING_APPROVAL', pending: 0 });
      expect(await decide(w, id)).toMatchObject({ change: { state: 'QUEUED' } });
    });

    test('what it depends on failed meanwhile: it is skipped in the step after', async () => {
      const w = world();
      const upstream = await w.submit();
      const id = await awaiting(w, { dependencies: on(upstream) });
      await w.cancel(upstream);
      expect(await w.get(id)).toMatchObject({ state: 'AWAITING_APPROVAL' });
      expect(await decide(w, id)).toMatchObject({ change: { state: 'BLOCKED' } });
      const upstreams = await w.record.listOpenUpstreams([{ org: w.org, taskId: id }]);
      await w.record.settleEdges(upstreams);
      expect(await w.get(id)).toMatchObject({ state: 'SKIPPED', reason: 'UPSTREAM_FAILED' });
      await w.expectConsistent(id);
    });

    test('a batch may approve a task and reject what it waits for', async () => {
      const w = world();
      const upstream = await awaiting(w);
      const id = await awaiting(w, { dependencies: on(upstream) });
      const said = { org: w.org, reason: '', approver: 'dora' };
      const outcomes = await w.record.decideTasks([
        { ...said, taskId: upstream, verdict: 'REJECT' },
        { ...said, taskId: id, verdict: 'APPROVE' },
      ]);
      expect(outcomes.map((o) => o.kind === 'OK' && o.change.state)).toEqual(['REJECTED', 'BLOCKED']);
      await w.record.settleEdges([{ org: w.org, taskId: upstream }]);
      expect((await w.get(id)).state).toBe('SKIPPED');
    });

    test.each(['APPROVE', 'REJECT'] as const)(
      'nobody said anything in time: the default, %s, holds',
      async (verdict) => {
        const w = world();
        const soon = await awaiting(w, {}, { admission: asks({ defaultVerdict: verdict }) });
        const due = await awaiting(
          w,
          {},
          { admission: asks({ defaultVerdict: verdict, dueTime: Date.now() - 1_000 }) },
        );
        const other = verdict === 'APPROVE' ? 'REJECT' : 'APPROVE';
        const silence = { verdict: other, approver: null, reason: 'APPROVAL_DUE' } as const;
        const mine = (await w.record.listDueApprovals(1_000)).filter(({ org }) => org === w.org);
        expect(mine.map(({ taskId }) => taskId)).toEqual([due]);

        const early = await decide(w, soon, silence);
        expect(early).toMatchObject({ kind: 'NOT_DUE' });
        expect(early?.kind === 'NOT_DUE' && early.remainingMs).toBeGreaterThan(HOUR / 2);
        const state = verdict === 'APPROVE' ? 'QUEUED' : 'REJECTED';
        expect(await decide(w, due, silence)).toMatchObject({ kind: 'OK', change: { state } });
        expect((await w.events(due)).at(-1)).toMatchObject({
          actorSubjectId: '',
          reason: 'APPROVAL_DUE',
          detail: { by_default: true },
        });
        expect((await w.get(soon)).state).toBe('AWAITING_APPROVAL');
        expect((await w.record.listDueApprovals(1_000)).filter(({ org }) => org === w.org)).toEqual([]);
      },
    );

    test('a task that waits for no word is refused, one of another organisation not found', async () => {
      const w = world();
      const id = await awaiting(w);
      await decide(w, id);
      expect(await decide(w, id, { verdict: 'REJECT' })).toMatchObject({ kind: 'REFUSED', state: 'QUEUED' });
      expect(await decide(w, await awaiting(world()))).toEqual({ kind: 'NOT_FOUND' });
    });

    test('of ten concurrent words one counts', async () => {
      const w = world();
      const id = await awaiting(w);
      const words = Array.from({ length: 10 }, (_, i) =>
        decide(w, id, { verdict: i % 2 === 0 ? 'APPROVE' : 'REJECT' }),
      );
      const kinds = (await Promise.all(words)).map((outcome) => outcome?.kind);
      expect(kinds.filter((kind) => kind === 'OK')).toHaveLength(1);
      expect(await w.types(id)).toHaveLength(2);
      await w.expectConsistent(id);
    });

    test('ended by a cancel or its deadline it is asked about no more; retried, again', async () => {
      const w = world();
      const cancelled = await awaiting(w);
      const late = await awaiting(w, { deadline: Date.now() - 1_000 });
      expect(await w.cancel(cancelled)).toMatchObject({ kind: 'OK', change: { state: 'CANCELLED' } });
      expect(await w.timeOut(late)).toMatchObject({ kind: 'OK', change: { state: 'TIMED_OUT' } });
      expect(await open(w)).toEqual([]);
      expect(await all(w)).toMatchObject([{ verdict: null }, { verdict: null }]);

      expect(await w.retry(cancelled)).toMatchObject({ kind: 'OK', change: { state: 'AWAITING_APPROVAL' } });
      const [asked] = await open(w);
      expect(asked?.taskId).toBe(cancelled);
      expect((asked?.dueTime ?? 0) - Date.now()).toBeGreaterThan(HOUR - 60_000);
      expect(await decide(w, cancelled)).toMatchObject({ change: { state: 'QUEUED' } });
      await w.cancel(cancelled);
      expect(await w.retry(cancelled)).toMatchObject({ kind: 'OK', change: { state: 'QUEUED' } });
      await w.expectConsistent(cancelled);
      await w.expectConsistent(late);
    });
  });

  describe('listApprovals', () => {
    test('those that wait, the first due first; all, the newest first; page by page', async () => {
      const w = world();
      const due = [3, 1, 2].map((hours) => Date.now() + hours * HOUR);
      const ids: string[] = [];
      for (const dueTime of due) ids.push(await awaiting(w, {}, { admission: asks({ dueTime }) }));
      const [third = '', first = '', second = ''] = ids;
      const page = (query: Partial<Parameters<typeof w.record.listApprovals>[0]>) =>
        w.record.listApprovals({ org: w.org, all: false, after: null, limit: 2, ...query });
      const one = await page({});
      expect(one.map(({ taskId }) => taskId)).toEqual([first, second]);
      const last = one[1];
      const after = { time: last?.dueTime ?? 0, taskId: last?.taskId ?? '' };
      expect((await page({ after })).map(({ taskId }) => taskId)).toEqual([third]);

      await decide(w, second, { verdict: 'REJECT', reason: 'no' });
      expect((await page({})).map(({ taskId }) => taskId)).toEqual([first, third]);
      const newest = await page({ all: true });
      expect(newest.map(({ taskId }) => taskId)).toEqual([second, first]);
      expect(newest[0]).toEqual({
        taskId: second,
        kind: 'document.summarize',
        goal: 'reach it',
        submitterSubjectId: 'alice',
        reason: 'it is dear',
        policyId: 'spending',
        policyVersion: 7,
        createTime: expect.any(Number),
        dueTime: due[2],
        defaultVerdict: 'REJECT',
        verdict: 'REJECT',
        approver: 'dora',
        verdictReason: 'no',
        verdictTime: expect.any(Number),
      });
      const rest = await page({ all: true, after: { time: 0, taskId: first } });
      expect(rest.map(({ taskId }) => taskId)).toEqual([third]);
      expect(await world().record.listApprovals({ org: 'x', all: true, after: null, limit: 9 })).toEqual([]);
    });

    test('that of one task, however many are due before it; what is over only if all are asked for', async () => {
      const w = world();
      for (const hours of [1, 2])
        await awaiting(w, {}, { admission: asks({ dueTime: Date.now() + hours * HOUR }) });
      const last = await awaiting(w, {}, { admission: asks({ dueTime: Date.now() + 3 * HOUR }) });
      const of = (taskId: string, isAll = false, org = w.org) =>
        w.record.listApprovals({ org, all: isAll, after: null, limit: 1, taskId });
      expect(await of(last)).toMatchObject([{ taskId: last, reason: 'it is dear', verdict: null }]);
      expect(await of(last, true, 'x')).toEqual([]);
      expect(await of(await w.submit())).toEqual([]);
      await decide(w, last);
      expect(await of(last)).toEqual([]);
      expect(await of(last, true)).toMatchObject([{ taskId: last, verdict: 'APPROVE' }]);
    });
  });
}
