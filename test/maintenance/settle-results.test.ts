import { expect, test } from 'vitest';
import type { Lease } from '../../src/domain/tasks/lease.js';
import type { TaskState } from '../../src/domain/tasks/task-state.js';
import type { Ports } from '../../src/usecases/ports.js';
import { settleResults } from '../../src/usecases/settle-results.js';

const RETRY = { maxAttempts: 3, initialBackoffMs: 1, maxBackoffMs: 1, backoffMultiplier: 1 };
const NOW = 60_000;

/** What is learned where attempts end so, a task each. */
async function learnedOf(
  ends: readonly {
    readonly outcome: 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
    readonly settled?: { readonly kind: string; readonly state: TaskState };
    readonly chosen?: Lease['chosen'];
  }[],
) {
  const samples: unknown[] = [];
  const nothing = async () => {};
  const ports = {
    record: {
      settleTasks: async () =>
        ends.map(({ settled = { kind: 'OK', state: 'SUCCEEDED' } }, i) => ({
          kind: settled.kind,
          change: { org: 'o', taskId: `t${i}`, seq: 3, state: settled.state },
          ready: null,
          dependents: [],
        })),
      getTasks: async () => [],
    },
    failpoints: { hit: nothing },
    index: { recordAttempts: nothing, freeSlots: nothing, dropHints: nothing, add: nothing, delay: nothing },
    deadlines: { drop: nothing },
    changes: { publish() {} },
    ids: { random: () => 0.5 },
    clock: { now: () => 0, monotonic: () => NOW },
    durations: { of: () => null, succeeded: (...sample: unknown[]) => samples.push(sample) },
  };
  await settleResults(ports as unknown as Ports)(
    ends.map(({ outcome, chosen }, i) => ({
      lease: {
        ...{ org: 'o', taskId: `t${i}`, epoch: 1, agentId: 'a', attempt: 1, deliveries: 1 },
        ...{ retry: RETRY, attemptTimeoutMs: null },
        ...(chosen && { chosen }),
      },
      resultId: `r${i}`,
      result: { outcome, output: null, summary: '', error: null },
    })),
  );
  return samples;
}

const chosen = { kind: 'ocr', at: 20_000 };

test('a success tells how long it took since its agent was chosen', async () => {
  expect(await learnedOf([{ outcome: 'SUCCEEDED', chosen }])).toEqual([['o', 'ocr', 40_000]]);
});

test('nothing is learned of what was handed out elsewhere, has failed, was cancelled, or was recorded before', async () => {
  const ends = [
    { outcome: 'SUCCEEDED' },
    { outcome: 'FAILED', chosen, settled: { kind: 'OK', state: 'SCHEDULED' } },
    { outcome: 'CANCELLED', chosen, settled: { kind: 'OK', state: 'CANCELLED' } },
    { outcome: 'SUCCEEDED', chosen, settled: { kind: 'ALREADY_RECORDED', state: 'SUCCEEDED' } },
    { outcome: 'SUCCEEDED', chosen, settled: { kind: 'REFUSED', state: 'RUNNING' } },
  ] as const;
  expect(await learnedOf(ends)).toEqual([]);
});
