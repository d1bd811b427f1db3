import { describe, expect, test } from 'vitest';
import type { WorkflowWorld } from './workflow-record-world.js';
import { ENDINGS, running } from './workflow-task-endings.js';

export function testWorkflowCounts(world: () => WorkflowWorld): void {
  describe('counts of ended tasks', () => {
    test.each(ENDINGS)(
      'a task that %s counts once, and whoever ends it is told',
      async (_how, state, end) => {
        const w = world();
        const before = await w.asleep();
        const [taskId, told] = await end(w, before);
        const { workflowId } = before;

        if (told !== null) expect(told).toMatchObject({ workflowId });
        expect(await w.get(taskId)).toMatchObject({ state, workflow: { workflowId, node: 1, item: 1 } });
        const counts: [number, number] = state === 'SUCCEEDED' ? [1, 0] : [0, 1];
        await w.expectCounts(before, ...counts);
        expect(await w.isDue(before)).toBe(true);

        expect(await w.committed(before, {})).toEqual(before);
        await w.expectCounts(before, ...counts);
        expect(await w.isDue(before)).toBe(false);
        await w.expectCounts(before, 0, 0, 2);
      },
    );

    test('what does not end it does not count', async () => {
      const w = world();
      const before = await w.asleep();
      const lease = await running(w, before);
      await w.fail(lease);
      await w.promote(lease.taskId);
      await w.claim(lease.taskId);
      await w.expectCounts(before, 0, 0);
      expect(await w.isDue(before)).toBe(false);
    });

    test('a task that is retried counts no more, whether it was absorbed or not', async () => {
      const w = world();
      let workflow = await w.asleep();
      for (const absorbs of [false, true]) {
        const taskId = await w.submitItem(workflow, { node: absorbs ? 1 : 2 });
        const node = absorbs ? 1 : 2;
        await w.cancel(taskId);
        if (absorbs) workflow = await w.committed(workflow, {});
        await w.expectCounts(workflow, 0, 1, node);
        expect(await w.retry(taskId)).toMatchObject({ kind: 'OK', workflowId: workflow.workflowId });
        await w.expectCounts(workflow, 0, 0, node);
        if (absorbs) expect(await w.isDue(workflow)).toBe(true);
        workflow = await w.committed(workflow, {});
        await w.expectCounts(workflow, 0, 0, node);
        await w.settle(await w.claim(taskId));
        await w.expectCounts(workflow, 1, 0, node);
      }
    });

    test('who was skipped with a task that is retried counts no more', async () => {
      const w = world();
      const workflow = await w.asleep();
      const upstream = await w.submit();
      await w.submitItem(workflow, {}, { dependencies: [{ taskId: upstream, runAnyway: false }] });
      await w.cancel(upstream);
      await w.committed(workflow, {});
      await w.expectCounts(workflow, 0, 1);
      await w.retry(upstream);
      await w.expectCounts(workflow, 0, 0);
    });

    test('each node has its own, and each workflow', async () => {
      const w = world();
      const [one, other] = [await w.asleep(), await w.asleep()];
      for (const node of [1, 2, 2]) await w.settle(await w.claim(await w.submitItem(one, { node })));
      await w.cancel(await w.submitItem(other, { node: 2 }));
      await w.settle(await w.claim(await w.submit()));
      await w.expectCounts(one, 1, 0, 1);
      await w.expectCounts(one, 2, 0, 2);
      await w.committed(one, {});
      await w.expectCounts(one, 2, 0, 2);
      await w.expectCounts(other, 0, 1, 2);
      expect(await w.isDue(one)).toBe(false);
      expect(await w.isDue(other)).toBe(true);
    });

    test('a node that is begun anew counts from nothing; tasks of its earlier run no more', async () => {
      const w = world();
      let workflow = await w.asleep();
      await w.settle(await w.claim(await w.submitItem(workflow)));
      workflow = await w.committed(workflow, {});
      const late = await w.submitItem(workflow, { item: 2 });
      await w.cancel(await w.submitItem(workflow, { item: 3 }));
      await w.expectCounts(workflow, 1, 1);
      workflow = await w.committed(workflow, { nodes: [{ node: 1, run: 2, state: 'WAITING' }] });
      await w.expectCounts(workflow, 0, 0);
      await w.cancel(late);
      await w.expectCounts(workflow, 0, 0);
      await w.settle(await w.claim(await w.submitItem(workflow, { run: 2 })));
      await w.expectCounts(workflow, 1, 0);
      await w.committed(workflow, { nodes: [{ node: 1, submitted: 1 }] });
      await w.expectCounts(workflow, 1, 0);
    });

    test('a commit that is refused absorbs nothing', async () => {
      const w = world();
      const workflow = await w.asleep();
      await w.cancel(await w.submitItem(workflow));
      expect((await w.commit({ ...workflow, version: 9 }, {})).kind).toBe('CHANGED_SINCE');
      await w.expectCounts(workflow, 0, 1);
      expect(await w.isDue(workflow)).toBe(true);
    });

    test('what ended after a workflow was read is due, though it is counted', async () => {
      const w = world();
      const workflow = await w.asleep();
      const taskId = await w.submitItem(workflow);
      await w.settle(await w.claim(await w.submitItem(workflow, { item: 2 })));
      await w.cancel(taskId);
      await w.committed(workflow, { seen: { succeeded: 1, failed: 0 }, wakeTime: null });
      await w.expectCounts(workflow, 1, 1);
      expect(await w.isDue(workflow)).toBe(true);
      await w.committed(workflow, { seen: { succeeded: 1, failed: 1 }, wakeTime: null });
      expect(await w.isDue(workflow)).toBe(false);
      await w.committed(workflow, { seen: { succeeded: 0, failed: 2 }, wakeTime: null });
      expect(await w.isDue(workflow)).toBe(true);
    });

    test('none is lost or counted twice while many end and several look', async () => {
      const w = world();
      const workflow = await w.asleep();
      const ids = await Promise.all(
        Array.from({ length: 40 }, (_, i) => w.submitItem(workflow, { item: i + 1 })),
      );
      const looks = async () => {
        for (let i = 0; i < 10; i++) await w.commit(workflow, {});
      };
      const ends = ids.map(async (taskId, i) => {
        if (i % 4 === 0) return w.cancel(taskId);
        return w.settle(await w.claim(taskId));
      });
      await Promise.all([looks(), looks(), ...ends]);
      await w.expectCounts(workflow, 30, 10);
      await w.committed(workflow, {});
      await w.expectCounts(workflow, 30, 10);
    });
  });
}
