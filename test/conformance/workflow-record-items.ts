import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import type { TaskResult } from '../../src/domain/tasks/task.js';
import { EVERY_TASK } from '../../src/domain/tasks/task-filter.js';
import { resultOf } from './task-record-world.js';
import { ALL, pageOf, type WorkflowWorld } from './workflow-record-world.js';

export function testWorkflowItems(world: () => WorkflowWorld): void {
  describe('tasks of a workflow', () => {
    test('know their place, however they were submitted', async () => {
      const w = world();
      const workflow = await w.start();
      const upstream = await w.submit();
      const place = w.placeIn(workflow, { node: 2, run: 3, item: 4, groupId: 'g', templateId: 't' });
      const dueTime = Date.now() + 60_000;
      const asked = {
        kind: 'AWAITING_APPROVAL',
        reason: '',
        policyId: 'p',
        policyVersion: 1,
        dueTime,
      } as const;
      const claim = { agentId: 'agent-1', acceptWithinMs: 5_000, requestId: null };
      const dependencies = [{ taskId: upstream, runAnyway: false }];
      const ids = [
        await w.submitItem(workflow, place),
        await w.submitItem(workflow, place, { dependencies }),
        await w.submitItem(workflow, place, {}, { admission: { ...asked, defaultVerdict: 'REJECT' } }),
        await w.submitItem(workflow, place, {}, { claim }),
      ];
      for (const id of ids) expect((await w.get(id)).workflow).toEqual(place);
      expect((await w.get(upstream)).workflow).toBeNull();
    });

    test('beside others in one batch', async () => {
      const w = world();
      const workflow = await w.start();
      const tasks = [0, 1, 2].map((i) =>
        w.newTask({}, i === 1 ? { workflow: w.placeIn(workflow, { item: 9 }) } : {}),
      );
      await w.record.submitTasks(tasks);
      const stored = await w.record.getTasks(
        w.org,
        tasks.map(({ taskId }) => taskId),
        'BASIC',
      );
      expect(stored.map((task) => task?.workflow?.item)).toEqual([undefined, 9, undefined]);
    });

    test('are listed by item in pages, with how they are and what they left', async () => {
      const w = world();
      const workflow = await w.start();
      const ids: string[] = [];
      for (const item of [3, 1, 2, 5, 4]) ids[item] = await w.submitItem(workflow, { item });
      await w.submitItem(workflow, { node: 2, item: 1 });
      await w.settle(await w.claim(ids[1] ?? ''));
      await w.fail(await w.claim(ids[2] ?? ''), false);
      await w.cancel(ids[3] ?? '', 0, 'not needed');

      const first = await w.workflows.listItems(workflow, 1, pageOf(0, 3));
      expect(first.map(({ item, taskId, state, reason }) => [item, taskId, state, reason])).toEqual([
        [1, ids[1], 'SUCCEEDED', ''],
        [2, ids[2], 'FAILED', 'RateLimited'],
        [3, ids[3], 'CANCELLED', 'not needed'],
      ]);
      expect(first.map(({ result }) => result)).toEqual([resultOf('SUCCEEDED'), resultOf('FAILED'), null]);
      for (const { createTime, finishTime } of first)
        expect(finishTime).toBeGreaterThanOrEqual(createTime - 5_000);
      const second = await w.workflows.listItems(workflow, 1, pageOf(3, 3));
      expect(second.map(({ item, state, finishTime }) => [item, state, finishTime])).toEqual([
        [4, 'QUEUED', null],
        [5, 'QUEUED', null],
      ]);
      expect(await w.workflows.listItems(workflow, 1, pageOf(5, 3))).toEqual([]);
      expect(await w.workflows.listItems(workflow, 0, pageOf(0, 3))).toEqual([]);
      expect(await w.workflows.listItems({ ...workflow, org: `${w.org}-2` }, 1, pageOf(0, 3))).toEqual([]);
    });

    test('come a few at a time where what they left is large, but one at least', async () => {
      const w = world();
      const workflow = await w.start();
      const size = 100_000;
      const large = { mediaType: 'application/octet-stream', data: randomBytes(size) };
      const leave: Record<number, Partial<TaskResult>> = {
        1: { output: large },
        2: { output: { ...large, data: randomBytes(size) } },
        3: { output: { ...large, data: randomBytes(3 * size) } },
        4: { error: { kind: 'Bad', message: 'no', retryable: false, detail: large } },
      };
      for (let item = 1; item <= 6; item++) {
        const taskId = await w.submitItem(workflow, { item });
        const left = leave[item];
        if (left?.output) {
          await w.settle(await w.claim(taskId), { result: { ...resultOf('SUCCEEDED'), ...left } });
        } else if (left) {
          await w.fail(await w.claim(taskId), false, { result: { ...resultOf('FAILED'), ...left } });
        }
      }
      const pages = async (maxBytes: number, withPayloads = true) => {
        const found: number[][] = [];
        for (let after = 0; ; after = found.at(-1)?.at(-1) ?? 0) {
          const page = pageOf(after, 5, { maxBytes, withPayloads });
          const items = await w.workflows.listItems(workflow, 1, page);
          if (items.length === 0) return found;
          found.push(items.map(({ item }) => item));
        }
      };
      expect(await pages(2 * size + 1_000)).toEqual([[1, 2], [3], [4, 5, 6]]);
      expect(await pages(1)).toEqual([[1], [2], [3], [4], [5, 6]]);
      expect(await pages(2 * size + 1_000, false)).toEqual([[1, 2, 3, 4, 5], [6]]);
    });

    test('are read without what is large where nobody needs it', async () => {
      const w = world();
      const workflow = await w.start();
      await w.settle(await w.claim(await w.submitItem(workflow)));
      await w.fail(await w.claim(await w.submitItem(workflow, { item: 2 })), false);
      const items = await w.workflows.listItems(workflow, 1, pageOf(0, 5, { withPayloads: false }));
      const [succeeded, failed] = [resultOf('SUCCEEDED'), resultOf('FAILED')];
      const error = failed.error && { ...failed.error, detail: null };
      expect(items.map(({ result }) => result)).toEqual([
        { ...succeeded, output: null },
        { ...failed, output: null, error },
      ]);
    });

    test('are those of the run of their node', async () => {
      const w = world();
      const workflow = await w.start();
      for (const item of [1, 2]) await w.cancel(await w.submitItem(workflow, { item }));
      await w.committed(workflow, { nodes: [{ node: 1, run: 2 }] });
      expect(await w.workflows.listItems(workflow, 1, pageOf(0, 10))).toEqual([]);
      const again = await w.submitItem(workflow, { item: 1, run: 2 });
      expect((await w.workflows.listItems(workflow, 1, pageOf(0, 10))).map(({ taskId }) => taskId)).toEqual([
        again,
      ]);
    });

    test('that are open are found', async () => {
      const w = world();
      const [workflow, other] = [await w.start(), await w.start()];
      const ids: string[] = [];
      for (let item = 1; item <= 4; item++) ids.push(await w.submitItem(workflow, { item, node: item % 3 }));
      await w.submitItem(other);
      await w.cancel(ids[1] ?? '');
      const lease = await w.claim(ids[2] ?? '');
      await w.accept(lease);
      await w.cancel(lease.taskId);
      const last = ids[3] ?? '';
      await w.cancel(last);
      await w.retry(last);
      const found = async (run: number, node: number | null, limit = 10) =>
        (await w.workflows.listOpenTasks({ ...workflow, run, node, limit })).toSorted((a, b) =>
          a.taskId < b.taskId ? -1 : 1,
        );
      const [first, third, retried] = [
        { taskId: ids[0], series: 0 },
        { taskId: ids[2], series: 0 },
        { taskId: last, series: 1 },
      ];
      expect(await found(1, null)).toEqual([first, third, retried]);
      expect(await found(1, 1)).toEqual([first, retried]);
      // Of a workflow that was retried since.
      expect(await found(2, null)).toEqual([]);
      expect(await found(1, null, 2)).toHaveLength(2);
    });

    test('that outlived it are strays', async () => {
      const w = world();
      const strays = async () => (await w.workflows.listStrays(ALL)).filter(({ org }) => org === w.org);
      const [over, open] = [await w.asleep(), await w.asleep()];
      const left = await w.submitItem(over);
      await w.cancel(await w.submitItem(over, { item: 2 }));
      await w.submitItem(open);
      await w.submit();
      expect(await strays()).toEqual([]);
      await w.committed(over, { state: 'CANCELLED', finishTime: Date.now() });
      expect(await strays()).toEqual([{ org: w.org, taskId: left, series: 0 }]);
      const orphan = await w.submitItem({ org: w.org, workflowId: v7() });
      expect((await strays()).map(({ taskId }) => taskId).sort()).toEqual([left, orphan].sort());
      for (const taskId of [left, orphan]) await w.cancel(taskId);
      expect(await strays()).toEqual([]);
      expect(await w.isDue(over)).toBe(false);
    });

    test('are chosen by it', async () => {
      const w = world();
      const [workflow, other] = [await w.start(), await w.start()];
      const parent = await w.submit();
      const part = await w.submitItem(workflow, { item: 1 }, { parentTaskId: parent });
      const done = await w.submitItem(workflow, { item: 2 }, { labels: { a: 'b' } });
      await w.cancel(done);
      await w.submitItem(other, {}, { parentTaskId: parent });
      const { workflowId } = workflow;
      const idsOf = async (more: Partial<typeof EVERY_TASK>) => {
        const filter = { ...EVERY_TASK, workflowId, ...more };
        const scanned = await w.record.scanTasks({
          org: w.org,
          filter,
          beforeId: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
          limit: 100,
          withKinds: false,
        });
        const listed = await w.record.listTasks({
          org: w.org,
          filter,
          view: 'BASIC',
          beforeId: null,
          limit: 100,
        });
        const ids = listed.tasks.map(({ taskId }) => taskId);
        expect(scanned.chosen.map(({ taskId }) => taskId)).toEqual(ids);
        return ids;
      };
      expect(await idsOf({})).toEqual([done, part]);
      expect(await idsOf({ states: ['QUEUED'] })).toEqual([part]);
      expect(await idsOf({ labels: { a: 'b' } })).toEqual([done]);
      expect(await idsOf({ parentTaskId: parent })).toEqual([part]);
      expect(await idsOf({ workflowId: v7() })).toEqual([]);
    });
  });
}
