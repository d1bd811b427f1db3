import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Lease } from '../../src/domain/tasks/lease.js';
import { isTerminal } from '../../src/domain/tasks/task-state.js';
import { claimOf, LEASE_MS, type World } from './task-record-world.js';

export function testConcurrency(world: () => World): void {
  describe('concurrent reports', () => {
    test('of twenty results with mixed epochs and holders one is accepted', async () => {
      const w = world();
      const first = await w.claim(await w.submit(), 'agent-1', 0);
      await w.expire(first);
      const second = await w.claim(first.taskId, 'agent-2');
      const holders: Lease[] = [first, second, { ...second, agentId: 'agent-1' }, { ...second, epoch: 3 }];
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, i) => {
          const holder = holders[i % holders.length] as Lease;
          return i % 3 ? w.settle(holder) : w.fail(holder, false);
        }),
      );

      expect(outcomes.filter((o) => o?.kind === 'OK')).toHaveLength(1);
      expect(outcomes.filter((o) => o?.kind === 'CONFLICT')).toHaveLength(4);
      expect(isTerminal((await w.get(first.taskId)).state)).toBe(true);
      await w.expectConsistent(first.taskId);
    });

    test('whatever verbs meet on a task, the trail stays whole', async () => {
      const w = world();
      const leases: Lease[] = [];
      for (let i = 0; i < 8; i++)
        leases.push(await w.claim(await w.submit(), 'agent-1', i % 2 ? 0 : LEASE_MS));
      const reports = leases.flatMap((lease, i) => [
        () => w.accept(lease, 0),
        () => w.settle(lease),
        () => w.fail(lease),
        () => w.expire(lease),
        () => w.cancel(lease.taskId, 0),
        () => w.promote(lease.taskId),
        () => w.retry(lease.taskId),
        () => w.tryClaim(lease.taskId, `agent-${i}`),
        () => w.record.renewLeases([{ ...claimOf(lease), agentId: 'agent-1', leaseMs: 0 }]),
        () => w.record.returnTasks([{ ...claimOf(lease), agentId: null, to: 'QUEUED', reason: 'DRAINED' }]),
      ]);
      for (let i = reports.length - 1; i > 0; i--) {
        const j = Math.floor(Math.random() * (i + 1));
        const [a, b] = [reports[i], reports[j]];
        if (a && b) [reports[i], reports[j]] = [b, a];
      }
      await Promise.all(reports.map((report) => report()));

      for (const lease of leases) await w.expectConsistent(lease.taskId);
    });

    test('many callers at once each get their own answers', async () => {
      const w = world();
      const tasks = Array.from({ length: 300 }, (_, i) => w.newTask({ labels: { i: String(i) } }));
      await Promise.all(tasks.map((task) => w.record.submitTasks([task])));
      const claims = await Promise.all(
        tasks.map((task, i) =>
          w.record.claimTasks([
            {
              org: w.org,
              taskId: task.taskId,
              agentId: `agent-${i}`,
              acceptWithinMs: LEASE_MS,
              requestId: null,
            },
          ]),
        ),
      );
      const leases = claims.map(([claim], i) => {
        if (claim?.kind !== 'OK') throw new Error('not claimed');
        expect(claim.lease).toMatchObject({ taskId: tasks[i]?.taskId, agentId: `agent-${i}` });
        return claim.lease;
      });
      const accepts = leases.map((lease) => w.accept(lease));
      const settles = leases.map((lease) => w.settle(lease, { resultId: randomUUID() }));
      const settled = await Promise.all(settles);
      await Promise.all(accepts);

      expect(settled.map((s) => s?.kind === 'OK' && s.change.taskId)).toEqual(tasks.map((t) => t.taskId));
      for (const lease of leases.slice(0, 10)) await w.expectConsistent(lease.taskId);
    });
  });
}
