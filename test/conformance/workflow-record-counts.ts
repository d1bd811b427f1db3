import { describe, expect, test } from 'vitest';
import { DEFAULT_RETRY } from '../../src/domain/tasks/retry.js';
import type { TaskSpec } from '../../src/domain/tasks/task.js';
import type { TaskState } from '../../src/domain/tasks/task-state.js';
import type { Workflow } from '../../src/domain/workflows/workflow.js';
import type { NewTask } from '../../src/ports/task-record.js';
import { skipTask } from './task-record-routing.js';
import { claimOf, settlement } from './task-record-world.js';
import type { WorkflowWorld } from './workflow-record-world.js';

/** Brings a task of node 1 to an end; answers with its id, and with what was told of it. */
type Ending = (w: WorkflowWorld, of: Workflow) => Promise<readonly [taskId: string, told: unknown]>;

const ONCE: Partial<TaskSpec> = { retry: { ...DEFAULT_RETRY, maxAttempts: 1 } };
const running = async (w: WorkflowWorld, of: Workflow, spec: Partial<TaskSpec> = {}, leaseMs?: number) => {
  const lease = await w.claim(await w.submitItem(of, {}, spec));
  await w.accept(lease, leaseMs);
  return lease;
};
const asked = (dueTime: number): Partial<NewTask> => {
  const by = { reason: '', policyId: 'p', policyVersion: 1 };
  return { admission: { kind: 'AWAITING_APPROVAL', ...by, dueTime, defaultVerdict: 'REJECT' } };
};

const ENDINGS: readonly (readonly [how: string, state: TaskState, ending: Ending])[] = [
  [
    'succeeds',
    'SUCCEEDED',
    async (w, of) => {
      const lease = await running(w, of);
      return [lease.taskId, await w.settle(lease)];
    },
  ],
  [
    'succeeds with others behind it',
    'SUCCEEDED',
    async (w, of) => {
      const lease = await running(w, of);
      await w.submit({ dependencies: [{ taskId: lease.taskId, runAnyway: false }] });
      return [lease.taskId, await w.settle(lease)];
    },
  ],
  [
    'fails for good',
    'FAILED',
    async (w, of) => {
      const lease = await running(w, of);
      return [lease.taskId, await w.fail(lease, false)];
    },
  ],
  [
    'spends its attempts',
    'DEAD_LETTER',
    async (w, of) => {
      const lease = await running(w, of, ONCE);
      return [lease.taskId, await w.fail(lease)];
    },
  ],
  [
    'loses its last lease',
    'DEAD_LETTER',
    async (w, of) => {
      const lease = await running(w, of, ONCE, 0);
      return [lease.taskId, await w.expire(lease)];
    },
  ],
  [
    'cannot be delivered',
    'DEAD_LETTER',
    async (w, of) => {
      const lease = await w.claim(await w.submitItem(of));
      const [told] = await w.record.returnTasks([
        { ...claimOf(lease), agentId: null, to: 'DEAD_LETTER', reason: 'DECLINED' },
      ]);
      return [lease.taskId, told];
    },
  ],
  [
    'is cancelled while it waits',
    'CANCELLED',
    async (w, of) => {
      const taskId = await w.submitItem(of);
      return [taskId, await w.cancel(taskId)];
    },
  ],
  [
    'is cancelled while it runs',
    'CANCELLED',
    async (w, of) => {
      const lease = await running(w, of);
      expect(await w.cancel(lease.taskId)).toMatchObject({ workflowId: of.workflowId, changed: true });
      expect(await w.countsOf(of)).toEqual([0, 0]);
      const [told] = await w.record.settleTasks([settlement(lease, 'CANCELLED')]);
      return [lease.taskId, told];
    },
  ],
  [
    'does not confirm that it was cancelled',
    'CANCELLED',
    async (w, of) => {
      const lease = await running(w, of);
      await w.cancel(lease.taskId, 0);
      return [lease.taskId, await w.expire(lease)];
    },
  ],
  [
    'passes its deadline',
    'TIMED_OUT',
    async (w, of) => {
      const taskId = await w.submitItem(of, {}, { deadline: Date.now() - 1 });
      return [taskId, await w.timeOut(taskId)];
    },
  ],
  [
    'is skipped',
    'SKIPPED',
    async (w, of) => {
      const taskId = await w.submitItem(of);
      return [taskId, await skipTask(w, taskId)];
    },
  ],
  [
    'is skipped with what it waited for',
    'SKIPPED',
    async (w, of) => {
      const upstream = await w.submit();
      const taskId = await w.submitItem(of, {}, { dependencies: [{ taskId: upstream, runAnyway: false }] });
      const told = await w.cancel(upstream);
      return [taskId, told?.kind === 'OK' ? told.dependents[0] : told];
    },
  ],
  [
    'is born skipped',
    'SKIPPED',
    async (w, of) => {
      const upstream = await w.submit();
      await w.cancel(upstream);
      const dependencies = [{ taskId: upstream, runAnyway: false }];
      return [await w.submitItem(of, {}, { dependencies }), null];
    },
  ],
  [
    'is born rejected',
    'REJECTED',
    async (w, of) => [
      await w.submitItem(of, {}, {}, { admission: { kind: 'REJECTED', reason: 'no' } }),
      null,
    ],
  ],
  [
    'is rejected by a person',
    'REJECTED',
    async (w, of) => {
      const taskId = await w.submitItem(of, {}, {}, asked(Date.now() + 60_000));
      const verdict = { verdict: 'REJECT', reason: 'no', approver: 'ann' } as const;
      const [told] = await w.record.decideTasks([{ org: w.org, taskId, ...verdict }]);
      return [taskId, told];
    },
  ],
];

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
