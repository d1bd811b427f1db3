import { v7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { NO_REQUIREMENTS } from '../../src/domain/tasks/requirements.js';
import type { Task } from '../../src/domain/tasks/task.js';
import { EVERY_TASK, type TaskFilter } from '../../src/domain/tasks/task-filter.js';
import type { OpenTask, OpenTaskCursor, TaskQuery } from '../../src/ports/task-record.js';
import type { World } from './task-record-world.js';

type Conditions = Partial<TaskFilter> & { readonly limit?: number };

async function listAll(w: World, { limit = 7, ...conditions }: Conditions): Promise<Task[]> {
  const tasks: Task[] = [];
  let beforeId: string | null = null;
  do {
    const page = await w.record.listTasks({
      org: w.org,
      filter: { ...EVERY_TASK, ...conditions },
      view: 'BASIC',
      limit,
      beforeId,
    });
    expect(page.tasks.length).toBeLessThanOrEqual(limit);
    tasks.push(...page.tasks);
    beforeId = page.beforeId;
  } while (beforeId !== null);
  return tasks;
}

const newestFirst = (ids: readonly string[]) => [...ids].sort().reverse();
const idsOf = (tasks: readonly Task[]) => tasks.map((task) => task.taskId);

export function testReads(world: () => World): void {
  describe('getTasks', () => {
    test('answers in the order asked, null for what the organisation has not', async () => {
      const w = world();
      const [a, b] = [await w.submit(), await w.submit()];
      const elsewhere = await world().submit();
      const tasks = await w.record.getTasks(w.org, [b, v7(), a, elsewhere, b], 'BASIC');

      expect(tasks.map((task) => task?.taskId)).toEqual([b, undefined, a, undefined, b]);
    });

    test('leaves payloads out unless they are asked for', async () => {
      const w = world();
      const lease = await w.running();
      await w.settle(lease);
      const [basic] = await w.record.getTasks(w.org, [lease.taskId], 'BASIC');
      const [result] = await w.record.getTasks(w.org, [lease.taskId], 'RESULT');
      const [full] = await w.record.getTasks(w.org, [lease.taskId], 'FULL');

      expect(basic?.spec.body).toHaveLength(0);
      expect(basic?.result).toMatchObject({ outcome: 'SUCCEEDED', output: null });
      expect(result?.spec.body).toHaveLength(0);
      expect(result?.result?.output).toEqual(full?.result?.output);
      expect(full?.spec.body.length).toBeGreaterThan(0);
      expect(full?.result?.output?.data.length).toBeGreaterThan(0);
    });
  });

  test('getTaskStates says where tasks are, null for what the organisation has not', async () => {
    const w = world();
    const [queued, lease] = [await w.submit(), await w.running()];
    const elsewhere = await world().submit();
    const ids = [queued, v7(), lease.taskId, elsewhere];
    expect(await w.record.getTaskStates(w.org, ids)).toEqual(['QUEUED', null, 'RUNNING', null]);
  });

  describe('listTasks', () => {
    test('gives every task of the organisation once, newest first', async () => {
      const w = world();
      await world().submit();
      const tasks = Array.from({ length: 30 }, () => w.newTask());
      await w.record.submitTasks(tasks);

      expect(idsOf(await listAll(w, {}))).toEqual(newestFirst(tasks.map((t) => t.taskId)));
      expect(idsOf(await listAll(w, { limit: 30 }))).toHaveLength(30);
      expect(idsOf(await listAll(w, { limit: 1 }))).toHaveLength(30);
    });

    test('filters by state, kind and labels', async () => {
      const w = world();
      const ids: string[] = [];
      for (let i = 0; i < 12; i++) {
        ids.push(
          await w.submit({ kind: i % 2 ? 'odd' : 'even', labels: { third: String(i % 3), run: 'x' } }),
        );
      }
      const claimed = ids.slice(0, 4);
      for (const taskId of claimed) await w.claim(taskId);
      const cancelled = ids.slice(4, 6);
      for (const taskId of cancelled) await w.cancel(taskId);

      expect(idsOf(await listAll(w, { states: ['ASSIGNED'] }))).toEqual(newestFirst(claimed));
      expect(idsOf(await listAll(w, { states: ['ASSIGNED', 'CANCELLED'] }))).toEqual(
        newestFirst([...claimed, ...cancelled]),
      );
      expect(idsOf(await listAll(w, { kinds: ['odd'], limit: 2 }))).toEqual(
        newestFirst(ids.filter((_, i) => i % 2)),
      );
      expect(idsOf(await listAll(w, { labels: { third: '1', run: 'x' } }))).toEqual(
        newestFirst(ids.filter((_, i) => i % 3 === 1)),
      );
      expect(await listAll(w, { labels: { third: '1', run: 'y' } })).toEqual([]);
      expect(idsOf(await listAll(w, { kinds: ['even'], states: ['QUEUED'] }))).toEqual(
        newestFirst(ids.filter((_, i) => i >= 6 && i % 2 === 0)),
      );
    });

    test('filters by tier, source, agent, submitter and time', async () => {
      const w = world();
      const urgent = await w.submit({ tier: 'URGENT' });
      const human = await w.submit({ source: 'HUMAN', submitterSubjectId: 'ada' });
      const done = await w.running();
      await w.settle(done);
      const [first, , last] = await w.record.getTasks(w.org, [urgent, human, done.taskId], 'BASIC');
      const begin = first?.createTime ?? 0;
      const finish = last?.finishTime ?? 0;

      expect(idsOf(await listAll(w, { tiers: ['URGENT', 'LOW'] }))).toEqual([urgent]);
      expect(idsOf(await listAll(w, { sources: ['HUMAN'] }))).toEqual([human]);
      expect(idsOf(await listAll(w, { submitterSubjectIds: ['ada', 'bob'] }))).toEqual([human]);
      expect(idsOf(await listAll(w, { agentIds: [done.agentId] }))).toEqual([done.taskId]);
      expect(await listAll(w, { agentIds: ['nobody'] })).toEqual([]);
      expect(await listAll(w, { createdBefore: begin })).toEqual([]);
      expect(idsOf(await listAll(w, { createdFrom: begin, createdBefore: begin + 1 }))).toContain(urgent);
      expect(await listAll(w, { createdFrom: begin + 86_400_000 })).toEqual([]);
      expect(idsOf(await listAll(w, { finishedFrom: finish }))).toEqual([done.taskId]);
      expect(await listAll(w, { finishedBefore: finish })).toEqual([]);
    });

    test('lists the sub-tasks of a task', async () => {
      const w = world();
      const parent = await w.submit();
      const children: string[] = [];
      for (let i = 0; i < 9; i++) {
        await w.submit();
        children.push(await w.submit({ parentTaskId: parent, kind: i < 3 ? 'a' : 'b' }));
      }
      await w.claim(children[0] ?? '');

      expect(idsOf(await listAll(w, { parentTaskId: parent, limit: 4 }))).toEqual(newestFirst(children));
      expect(idsOf(await listAll(w, { parentTaskId: parent, kinds: ['a'] }))).toEqual(
        newestFirst(children.slice(0, 3)),
      );
      expect(idsOf(await listAll(w, { parentTaskId: parent, states: ['ASSIGNED'] }))).toEqual([children[0]]);
      expect(await listAll(world(), { parentTaskId: parent })).toEqual([]);
    });

    test('tasks that come while one pages do not shift the pages', async () => {
      const w = world();
      const ids: string[] = [];
      for (let i = 0; i < 10; i++) ids.push(await w.submit());
      const query = {
        org: w.org,
        filter: EVERY_TASK,
        view: 'BASIC',
        limit: 5,
      } satisfies Partial<TaskQuery>;
      const first = await w.record.listTasks({ ...query, beforeId: null });
      for (let i = 0; i < 5; i++) await w.submit();
      const second = await w.record.listTasks({ ...query, beforeId: first.beforeId });

      expect(idsOf([...first.tasks, ...second.tasks])).toEqual(newestFirst(ids));
    });

    test('a rare task is found behind thousands of others, in short pages', async () => {
      const w = world();
      const rare = await w.submit({ kind: 'rare' });
      await w.record.submitTasks(Array.from({ length: 5_000 }, () => w.newTask({ body: new Uint8Array() })));
      const page = await w.record.listTasks({
        org: w.org,
        filter: { ...EVERY_TASK, kinds: ['rare'] },
        view: 'BASIC',
        limit: 10,
        beforeId: null,
      });

      expect(page.tasks).toEqual([]);
      expect(page.beforeId).not.toBeNull();
      expect(idsOf(await listAll(w, { kinds: ['rare'] }))).toEqual([rare]);
    });
  });

  describe('listTaskEvents', () => {
    test('pages by seq', async () => {
      const w = world();
      const lease = await w.running();
      await w.settle(lease);
      const page = await w.record.listTaskEvents(w.org, lease.taskId, 1, 2);

      expect(page.map((event) => event.type)).toEqual(['CLAIMED', 'ACCEPTED']);
      expect(await w.record.listTaskEvents('another', lease.taskId, 0, 10)).toEqual([]);
    });
  });

  describe('listRecentStarts', () => {
    const keyed = (limits: readonly string[]) => ({
      requirements: { ...NO_REQUIREMENTS, keys: { limits, fairness: null, affinity: null } },
    });

    test('tells how long ago tasks that name limits were claimed, and how often, of its organisation', async () => {
      const [w, other] = [world(), world()];
      await other.running(keyed(['api']));
      await w.running();
      await w.running(keyed([]));
      await w.submit(keyed(['api']));
      const twice = await w.running(keyed(['api', 'db']));
      await w.fail(twice);
      await w.promote(twice.taskId);
      await w.claim(twice.taskId);
      const ended = await w.running(keyed(['api']));
      await w.settle(ended);
      const { starts, isComplete } = await w.record.listRecentStarts({
        ...{ org: w.org, withinMs: 60_000, limit: 100 },
      });
      expect(isComplete).toBe(true);
      expect(starts.map(({ limits, count }) => ({ limits, count }))).toEqual([
        { limits: ['api'], count: 1 },
        { limits: ['api', 'db'], count: 2 },
      ]);
      for (const { agoMs } of starts) {
        expect(agoMs).toBeGreaterThanOrEqual(0);
        expect(agoMs).toBeLessThan(60_000);
      }
      const few = await w.record.listRecentStarts({ org: w.org, withinMs: 60_000, limit: 1 });
      expect(few).toMatchObject({ isComplete: false, starts: [{ limits: ['api'] }] });
    });
  });

  describe('listOpenTasks', () => {
    test('goes in a circle over open tasks of all organisations, each once', async () => {
      const [w, other] = [world(), world()];
      const queued = await w.submit({ source: 'HUMAN' }, { score: 12 });
      const elsewhere = await other.submit();
      const leased = await w.running({}, 30_000);
      const bounded = await w.running({ attemptTimeoutMs: 9_000 }, 30_000);
      const scheduled = await w.running();
      await w.fail(scheduled, true, { afterFailure: { to: 'SCHEDULED', delayMs: 60_000 } });
      const done = await w.running();
      await w.settle(done);
      const cancelling = await w.running({ attemptTimeoutMs: 1_000 });
      await w.cancel(cancelling.taskId, 20_000);

      const seen: OpenTask[] = [];
      let cursor: OpenTaskCursor | null = null;
      do {
        const page = await w.record.listOpenTasks(cursor, 1_000);
        seen.push(...page.tasks);
        cursor = page.cursor;
      } while (cursor !== null);
      const mine = new Map(
        seen.filter((t) => [w.org, other.org].includes(t.ready.org)).map((t) => [t.ready.taskId, t]),
      );

      expect(mine.size).toBe(6);
      expect(new Set(seen.map((t) => t.ready.taskId)).size).toBe(seen.length);
      expect(mine.get(elsewhere)?.ready.org).toBe(other.org);
      expect(mine.get(queued)).toMatchObject({
        state: 'QUEUED',
        ready: {
          org: w.org,
          taskId: queued,
          band: 'HUMAN',
          tier: 'NORMAL',
          score: 12,
          kind: 'document.summarize',
          lastAgentId: null,
          requirements: (await w.get(queued)).spec.requirements,
        },
        epoch: 0,
        agentId: null,
        runTime: null,
        leaseRemainingMs: null,
      });
      expect(mine.get(leased.taskId)).toMatchObject({ state: 'RUNNING', epoch: 1, agentId: 'agent-1' });
      expect(mine.get(leased.taskId)?.leaseRemainingMs).toBeGreaterThan(20_000);
      expect(mine.get(bounded.taskId)?.leaseRemainingMs).toBeLessThanOrEqual(9_000);
      expect(mine.get(cancelling.taskId)?.leaseRemainingMs).toBeGreaterThan(10_000);
      expect(mine.get(scheduled.taskId)).toMatchObject({ state: 'SCHEDULED', leaseRemainingMs: null });
      expect(mine.get(scheduled.taskId)?.runTime).toBe((await w.get(scheduled.taskId)).runTime);
    });

    test('small pages cover the same', async () => {
      const w = world();
      const ids: string[] = [];
      for (let i = 0; i < 5; i++) ids.push(await w.submit());
      const from: OpenTaskCursor = { org: w.org, taskId: '00000000-0000-0000-0000-000000000000' };
      const first = await w.record.listOpenTasks(from, 3);
      const second = await w.record.listOpenTasks(first.cursor, 2);

      expect([...first.tasks, ...second.tasks].map((t) => t.ready.taskId)).toEqual([...ids].sort());
    });
  });
}
