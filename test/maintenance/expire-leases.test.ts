import { expect, test } from 'vitest';
import { expireLeases } from '../../src/usecases/expire-leases.js';
import type { Ports } from '../../src/usecases/ports.js';

const RETRY = { maxAttempts: 3, initialBackoffMs: 1, maxBackoffMs: 1, backoffMultiplier: 1 };

test('an assignment that was accepted while it was being given back stays with its agent', async () => {
  const lease = (taskId: string) => {
    return {
      org: 'o',
      taskId,
      epoch: 1,
      agentId: 'a',
      attempt: 1,
      deliveries: 1,
      retry: RETRY,
      attemptTimeoutMs: null,
    };
  };
  const given = {
    kind: 'OK',
    change: { org: 'o', taskId: 'late', seq: 3, state: 'QUEUED' },
    ready: null,
    dependents: [],
  };
  const revoked: string[] = [];
  const nothing = async () => {};
  const ports = {
    record: {
      getLeases: async (claims: { taskId: string }[]) =>
        claims.map(({ taskId }) => ({
          lease: lease(taskId),
          state: 'ASSIGNED',
          remainingMs: 0,
          attemptRemainingMs: null,
        })),
      returnTasks: async () => [{ kind: 'REFUSED', state: 'RUNNING', epoch: 1 }, given],
      expireLeases: async () => [],
    },
    deadlines: { drop: nothing },
    index: {
      hintLeases: nothing,
      freeSlots: nothing,
      dropHints: nothing,
      add: nothing,
      delay: nothing,
      recordAttempts: nothing,
    },
    sessions: {
      revoke: (leases: { taskId: string }[]) => revoked.push(...leases.map(({ taskId }) => taskId)),
    },
    changes: { publish: () => {} },
    clock: { now: () => 0 },
  };
  const hints = ['accepted', 'late'].map((taskId) => ({ org: 'o', taskId, epoch: 1, due: 0 }));
  await expireLeases(ports as unknown as Ports)(hints);
  expect(revoked).toEqual(['late']);
});
