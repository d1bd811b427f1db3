import { expect, test } from 'vitest';
import type { CancelOutcome, CancelRequest } from '../../src/ports/task-record.js';
import { cancelTasksOf } from '../../src/usecases/workflows/cancel-open.js';
import type { Turn } from '../../src/usecases/workflows/turn.js';

test('tasks that were retried after they were read are left alone: their workflow runs again', async () => {
  const series = new Map([
    ['stays', 1],
    ['retried', 1],
  ]);
  const cancelled: string[] = [];
  const cancel = ({ taskId, series: meant }: CancelRequest): CancelOutcome => {
    if (meant !== series.get(taskId)) return { kind: 'REFUSED', state: 'QUEUED', epoch: 1 };
    cancelled.push(taskId);
    const change = { org: 'acme', taskId, seq: 2, state: 'CANCELLED' } as const;
    return { kind: 'OK', change, epoch: 0, agentId: null, changed: true, dependents: [] };
  };
  const nothing = async () => {};
  const turn = {
    copy: { key: {}, workflow: { org: 'acme', submitterSubjectId: '', reason: 'CANCELLED' } },
    ports: {
      workflows: {
        async listOpenTasks() {
          const open = [...series].map(([taskId, of]) => ({ taskId, series: of }));
          // Somebody is slow here, and others are not.
          series.set('retried', 2);
          return open;
        },
      },
      ports: {
        record: { cancelTasks: async (requests: readonly CancelRequest[]) => requests.map(cancel) },
        failpoints: { hit: nothing },
        rules: { cancelGraceMs: 1 },
        index: { remove: nothing },
        deadlines: { drop: nothing },
        changes: { publish() {} },
      },
    },
  };
  expect(await cancelTasksOf(turn as unknown as Turn)).toBe(true);
  expect(cancelled).toEqual(['stays']);
});
