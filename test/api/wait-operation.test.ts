import { create } from '@bufbuild/protobuf';
import { WaitOperationRequestSchema } from '@reeve/sdk/protocol';
import { expect, test } from 'vitest';
import type { Call } from '../../src/api/call.js';
import { createOperationNews } from '../../src/api/operation-news.js';
import type { Context } from '../../src/api/services/context.js';
import { operationHandlers } from '../../src/api/services/operations.js';
import type { Operation } from '../../src/domain/operations/operation.js';
import { EVERY_TASK } from '../../src/domain/tasks/task-filter.js';
import { FakeClock } from '../support/fake-clock.js';

const OPERATION: Operation = {
  org: 'o',
  operationId: '019a0000-0000-7000-8000-000000000001',
  verb: 'CANCEL_TASKS',
  filter: EVERY_TASK,
  dryRun: false,
  reason: '',
  graceMs: null,
  actor: 'ann',
  state: 'RUNNING',
  cursor: '019a0000-0000-7000-8000-000000000001',
  total: 4,
  done: 0,
  skipped: 0,
  failed: 0,
  stateCounts: {},
  kindCounts: {},
  error: '',
  createTime: 1,
  updateTime: 1,
  endTime: null,
};

/** A call of WaitOperation for an operation that the record has, and how often that was asked. */
function wait(lookEveryMs: number | null) {
  const clock = new FakeClock();
  const state = { operation: OPERATION, reads: 0 };
  const handlers = operationHandlers({
    ports: { clock },
    bulk: {
      operations: {
        async getOperation() {
          state.reads += 1;
          return state.operation;
        },
      },
      news: createOperationNews(lookEveryMs),
    },
    closing: new AbortController().signal,
  } as unknown as Context);
  const request = create(WaitOperationRequestSchema, {
    operationId: OPERATION.operationId,
    maxWait: { seconds: 10n },
  });
  const call = { signal: new AbortController().signal } as Call;
  const answer = handlers.waitOperation({ org: 'o', subject: 'ann', roles: [] }, request, call);
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 100) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      clock.advance(100);
    }
  };
  return { state, answer, pass };
}

test('who waits sees the end of an operation that another coordinator runs', async () => {
  const { state, answer, pass } = wait(1_000);
  await pass(2_500);
  state.operation = { ...OPERATION, state: 'SUCCEEDED', done: 4, endTime: 2 };
  await pass(1_000);
  expect(await answer).toMatchObject({ ended: true, operation: { doneCount: 4n } });
  expect(state.reads).toBeLessThan(8);
});

test.each([1_000, null])('who waits is answered when its time is up (looking every %s ms)', async (every) => {
  const { answer, pass } = wait(every);
  await pass(10_100);
  expect(await answer).toMatchObject({ ended: false });
});
