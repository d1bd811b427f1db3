import { expect } from 'vitest';
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
export const running = async (
  w: WorkflowWorld,
  of: Workflow,
  spec: Partial<TaskSpec> = {},
  leaseMs?: number,
) => {
  const lease = await w.claim(await w.submitItem(of, {}, spec));
  await w.accept(lease, leaseMs);
  return lease;
};
const asked = (dueTime: number): Partial<NewTask> => {
  const by = { reason: '', policyId: 'p', policyVersion: 1 };
  return { admission: { kind: 'AWAITING_APPROVAL', ...by, dueTime, defaultVerdict: 'REJECT' } };
};

/** All the ways in which a task can end. */
export const ENDINGS: readonly (readonly [how: string, state: TaskState, ending: Ending])[] = [
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
