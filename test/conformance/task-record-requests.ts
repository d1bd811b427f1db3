import { describe, expect, test } from 'vitest';
import { claimOf, LEASE_MS, type World } from './task-record-world.js';

export function testLeaseRequests(world: () => World): void {
  describe('claims by the name of the call that asked', () => {
    const claimFor = async (w: World, taskId: string, requestId: string | null, agentId = 'agent-1') => {
      const [outcome] = await w.record.claimTasks([
        { org: w.org, taskId, agentId, requestId, acceptWithinMs: LEASE_MS },
      ]);
      if (outcome?.kind !== 'OK') throw new Error('not claimed');
      return outcome;
    };
    const idsOf = async (w: World, requestId: string, agentId = 'agent-1') =>
      (await w.record.getLeasesOfRequest(w.org, agentId, requestId)).map(({ lease }) => lease.taskId);

    test('are found while they are held, by the same agent and organisation only', async () => {
      const [w, elsewhere] = [world(), world()];
      const body = new Uint8Array([1, 2, 3]);
      const claimed = await claimFor(w, await w.submit({ body }), 'call');
      const born = w.newTask(
        {},
        { claim: { agentId: 'agent-1', acceptWithinMs: LEASE_MS, requestId: 'call' } },
      );
      await w.record.submitTasks([born]);
      await claimFor(w, await w.submit(), null);
      await claimFor(w, await w.submit(), 'another');

      const held = await w.record.getLeasesOfRequest(w.org, 'agent-1', 'call');
      expect(held.map(({ lease }) => lease.taskId)).toEqual([claimed.lease.taskId, born.taskId]);
      expect(held[0]).toEqual({ lease: claimed.lease, body, createTime: claimed.createTime });
      expect(await idsOf(w, 'call', 'agent-2')).toEqual([]);
      expect(await idsOf(elsewhere, 'call')).toEqual([]);

      await w.settle(claimed.lease);
      expect(await idsOf(w, 'call')).toEqual([born.taskId]);
    });

    test('a claim that passed to somebody else is not found, even if the name is used again', async () => {
      const w = world();
      const taskId = await w.submit();
      const first = await claimFor(w, taskId, 'call');
      await w.record.returnTasks([
        { ...claimOf(first.lease), agentId: 'agent-1', to: 'QUEUED', reason: 'DECLINED' },
      ]);
      await claimFor(w, taskId, 'call', 'agent-2');
      expect(await idsOf(w, 'call')).toEqual([]);
      expect(await idsOf(w, 'call', 'agent-2')).toEqual([taskId]);
    });

    test('names are forgotten once they are old', async () => {
      const w = world();
      const { lease } = await claimFor(w, await w.submit(), 'call');
      await w.record.forgetLeaseRequests(3_600_000);
      expect(await idsOf(w, 'call')).toEqual([lease.taskId]);
      await w.record.forgetLeaseRequests(-1_000);
      expect(await idsOf(w, 'call')).toEqual([]);
    });
  });
}
