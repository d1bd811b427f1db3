import { v7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { DEFAULT_RETRY } from '../../src/domain/tasks/retry.js';
import { claimOf, LEASE_MS, type World } from './task-record-world.js';

export function testLeases(world: () => World): void {
  describe('claimTasks', () => {
    test('tells of waits that were given, beside a backoff as it is by default', async () => {
      const w = world();
      const retry = { ...DEFAULT_RETRY, delaysMs: [0, 5_000] };
      const taskId = await w.submit({ retry });
      expect((await w.claim(taskId)).retry).toEqual(retry);
      expect((await w.get(taskId)).spec.retry).toEqual(retry);
    });

    test('gives a queued task to an agent with a lease and all that is needed to run it', async () => {
      const w = world();
      const retry = { maxAttempts: 4, initialBackoffMs: 1, maxBackoffMs: 2, backoffMultiplier: 3 };
      const body = new Uint8Array([1, 2, 3]);
      const taskId = await w.submit(
        { body, retry, attemptTimeoutMs: 9_000 },
        { createTime: 1_700_000_000_001 },
      );

      expect(await w.tryClaim(taskId, 'agent-7')).toMatchObject({
        kind: 'OK',
        change: { org: w.org, taskId, seq: 2, state: 'ASSIGNED' },
        lease: {
          org: w.org,
          taskId,
          epoch: 1,
          agentId: 'agent-7',
          attempt: 1,
          deliveries: 1,
          retry,
          attemptTimeoutMs: 9_000,
        },
        body,
        createTime: 1_700_000_000_001,
      });
      const task = await w.get(taskId);
      expect(task).toMatchObject({
        state: 'ASSIGNED',
        agentId: 'agent-7',
        epoch: 1,
        attempt: 1,
        deliveries: 1,
      });
      expect(task.startTime).not.toBeNull();
      await w.expectConsistent(taskId);
    });

    test('a task is claimed once, whatever the number of claims', async () => {
      const w = world();
      const taskId = await w.submit();
      const requests = ['a', 'b', 'c'].map((agentId) => ({
        org: w.org,
        taskId,
        agentId,
        acceptWithinMs: LEASE_MS,
        requestId: null,
      }));
      const outcomes = await w.record.claimTasks(requests);

      expect(outcomes.map((o) => o.kind)).toEqual(['OK', 'REFUSED', 'REFUSED']);
      expect(outcomes[1]).toEqual({ kind: 'REFUSED', state: 'ASSIGNED', epoch: 1 });
      expect((await w.get(taskId)).agentId).toBe('a');
    });

    test('what the organisation does not have is not found', async () => {
      const [w, other] = [world(), world()];
      const taskId = await other.submit();
      const outcomes = await w.record.claimTasks(
        [taskId, v7()].map((id) => ({
          org: w.org,
          taskId: id,
          agentId: 'a',
          acceptWithinMs: LEASE_MS,
          requestId: null,
        })),
      );

      expect(outcomes).toEqual([{ kind: 'NOT_FOUND' }, { kind: 'NOT_FOUND' }]);
      expect((await other.get(taskId)).state).toBe('QUEUED');
    });
  });

  describe('acceptTasks', () => {
    test('starts the attempt; again by the same claim changes nothing', async () => {
      const w = world();
      const lease = await w.claim(await w.submit());
      const ok = {
        kind: 'OK',
        change: { org: w.org, taskId: lease.taskId, seq: 3, state: 'RUNNING' },
      };

      expect(await w.accept(lease)).toEqual(ok);
      expect(await w.accept(lease)).toEqual(ok);
      expect(await w.types(lease.taskId)).toEqual(['SUBMITTED', 'CLAIMED', 'ACCEPTED']);
      await w.expectConsistent(lease.taskId);
    });

    test('another agent or an older epoch is refused', async () => {
      const w = world();
      const lease = await w.claim(await w.submit());
      const refused = { kind: 'REFUSED', state: 'ASSIGNED', epoch: 1 };

      expect(await w.accept({ ...lease, agentId: 'agent-2' })).toEqual(refused);
      expect(await w.accept({ ...lease, epoch: 0 })).toEqual(refused);
      expect(await w.accept({ ...lease, epoch: 2 })).toEqual(refused);
    });

    test('the time an attempt may take counts from its acceptance', async () => {
      const w = world();
      const lease = await w.claim(await w.submit({ attemptTimeoutMs: 3_600_000 }));
      expect((await w.record.getLeases([claimOf(lease)]))[0]?.attemptRemainingMs).toBeNull();
      await w.accept(lease);
      const [held] = await w.record.getLeases([claimOf(lease)]);

      expect(held?.attemptRemainingMs).toBeGreaterThan(3_500_000);
      expect(held?.attemptRemainingMs).toBeLessThanOrEqual(3_600_000);
    });
  });

  describe('renewLeases', () => {
    test('prolongs what is held and writes no event', async () => {
      const w = world();
      const lease = await w.running({}, 1_000);
      const request = { ...claimOf(lease), agentId: lease.agentId, leaseMs: 3_600_000 };

      expect(await w.record.renewLeases([request])).toEqual([{ kind: 'OK' }]);
      const [held] = await w.record.getLeases([claimOf(lease)]);
      expect(held?.remainingMs).toBeGreaterThan(3_500_000);
      expect(await w.events(lease.taskId)).toHaveLength(3);
    });

    test('a stale holder and a stranger are refused', async () => {
      const w = world();
      const lease = await w.running();
      const request = { ...claimOf(lease), agentId: lease.agentId, leaseMs: LEASE_MS };
      const outcomes = await w.record.renewLeases([
        { ...request, epoch: 0 },
        { ...request, agentId: 'agent-2' },
        { ...request, taskId: v7() },
      ]);

      expect(outcomes).toEqual([
        { kind: 'REFUSED', state: 'RUNNING', epoch: 1 },
        { kind: 'REFUSED', state: 'RUNNING', epoch: 1 },
        { kind: 'NOT_FOUND' },
      ]);
    });

    test('a lease of a task that is being cancelled is not prolonged', async () => {
      const w = world();
      const lease = await w.running();
      await w.cancel(lease.taskId, 5_000);
      const [outcome] = await w.record.renewLeases([
        { ...claimOf(lease), agentId: lease.agentId, leaseMs: LEASE_MS },
      ]);

      expect(outcome?.kind).toBe('CANCEL');
      if (outcome?.kind === 'CANCEL') expect(outcome.remainingMs).toBeLessThanOrEqual(5_000);
    });
  });

  describe('returnTasks', () => {
    test('queues the task again at its old place, the attempt given back', async () => {
      const w = world();
      const taskId = await w.submit({ tier: 'HIGH', source: 'HUMAN' }, { score: 42 });
      const lease = await w.claim(taskId);
      const [outcome] = await w.record.returnTasks([
        { ...claimOf(lease), agentId: 'agent-1', to: 'QUEUED', reason: 'DECLINED' },
      ]);

      const { kind, requirements } = (await w.get(taskId)).spec;
      const common = { org: w.org, taskId, band: 'HUMAN', tier: 'HIGH', score: 42 };
      expect(outcome).toMatchObject({
        kind: 'OK',
        change: { org: w.org, taskId, seq: 3, state: 'QUEUED' },
        agentId: 'agent-1',
        ready: { ...common, kind, requirements, lastAgentId: 'agent-1' },
        runTime: null,
      });
      expect(await w.get(taskId)).toMatchObject({ attempt: 0, deliveries: 1, epoch: 1, reason: 'DECLINED' });
      expect((await w.claim(taskId, 'agent-2')).epoch).toBe(2);
      await w.expectConsistent(taskId);
    });

    test('a task that was delivered too often is undeliverable', async () => {
      const w = world();
      const retry = { maxAttempts: 1, initialBackoffMs: 1, maxBackoffMs: 1, backoffMultiplier: 1 };
      const taskId = await w.submit({ retry });
      for (const to of ['QUEUED', 'QUEUED', 'DEAD_LETTER'] as const) {
        const lease = await w.claim(taskId);
        const [outcome] = await w.record.returnTasks([
          { ...claimOf(lease), agentId: null, to, reason: 'NOT_ACCEPTED' },
        ]);
        expect(outcome).toMatchObject({ kind: 'OK', change: { state: to } });
      }

      const task = await w.get(taskId);
      expect(task).toMatchObject({
        state: 'DEAD_LETTER',
        reason: 'UNDELIVERABLE',
        attempt: 0,
        deliveries: 3,
      });
      expect(task.finishTime).not.toBeNull();
      expect((await w.events(taskId)).at(-1)?.detail).toEqual({ cause: 'NOT_ACCEPTED' });
      await w.expectConsistent(taskId);
    });

    test('what runs, or is held by another, does not come back', async () => {
      const w = world();
      const started = await w.running();
      const assigned = await w.claim(await w.submit());
      const outcomes = await w.record.returnTasks([
        { ...claimOf(started), agentId: 'agent-1', to: 'QUEUED', reason: '' },
        { ...claimOf(assigned), agentId: 'agent-2', to: 'QUEUED', reason: '' },
        { ...claimOf(assigned), epoch: 5, agentId: null, to: 'QUEUED', reason: '' },
      ]);

      expect(outcomes.map((o) => o.kind)).toEqual(['REFUSED', 'REFUSED', 'REFUSED']);
    });
  });
}
