import { v7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { MAX_CHECKPOINT_BYTES } from '../../src/domain/tasks/checkpoint.js';
import type { Lease } from '../../src/domain/tasks/lease.js';
import { claimOf, LEASE_MS, type World } from './task-record-world.js';

const decoder = new TextDecoder();

export function testCheckpoints(world: () => World): void {
  const leftOf = async (w: World, taskId: string) => {
    const found = await w.record.getCheckpoint({ org: w.org, taskId });
    return found && decoder.decode(found.payload.data);
  };
  /** Claims it, and answers with what its agent is given. */
  const given = async (w: World, taskId: string) => {
    const outcome = await w.tryClaim(taskId, 'agent-2');
    if (outcome.kind !== 'OK') throw new Error(`not claimed: ${JSON.stringify(outcome)}`);
    return outcome;
  };

  describe('saveCheckpoints', () => {
    test('the newest is kept, with who left it and when, and no event tells of it', async () => {
      const w = world();
      const lease = await w.running();
      expect((await w.get(lease.taskId)).hasCheckpoint).toBe(false);
      expect(await w.record.getCheckpoint(lease)).toBeNull();
      for (const said of ['{"page":1}', '{"page":2}'])
        expect(await w.leave(lease, said)).toEqual({ kind: 'OK' });

      const left = await w.record.getCheckpoint(lease);
      expect(left).toMatchObject({ payload: { mediaType: 'application/json' }, epoch: 1, attempt: 1 });
      expect(await leftOf(w, lease.taskId)).toBe('{"page":2}');
      expect(Math.abs((left?.updateTime ?? 0) - Date.now())).toBeLessThan(60_000);
      expect(await w.get(lease.taskId)).toMatchObject({ hasCheckpoint: true, seq: 3 });
      await w.expectConsistent(lease.taskId);
    });

    test.each([
      ['a failure', (w: World, lease: Lease) => w.fail(lease)],
      [
        'a preemption',
        async (w: World, lease: Lease) => {
          await w.preempt(lease, 0);
          return w.expire(lease);
        },
      ],
    ])('the next attempt gets it after %s, and the one after that', async (_, end) => {
      const w = world();
      const lease = await w.running();
      await w.leave(lease, '{"page":7}');
      await end(w, lease);
      await w.promote(lease.taskId);

      const second = await given(w, lease.taskId);
      expect(decoder.decode(second.checkpoint?.data)).toBe('{"page":7}');
      await w.record.returnTasks([
        { ...claimOf(second.lease), agentId: null, to: 'QUEUED', reason: 'DRAINED' },
      ]);
      expect((await given(w, lease.taskId)).checkpoint).toEqual(second.checkpoint);
    });

    test('it outlives a lost lease and a retry by a person, and is told with the repeat of a call', async () => {
      const w = world();
      const lease = await w.running({}, 0);
      await w.leave(lease, '"half"');
      await w.expire(lease, { afterFailure: { to: 'DEAD_LETTER', delayMs: 0 } });
      expect((await w.get(lease.taskId)).state).toBe('DEAD_LETTER');
      await w.retry(lease.taskId);
      const call = { org: w.org, taskId: lease.taskId, agentId: 'agent-9', acceptWithinMs: LEASE_MS };
      const requestId = `call-${v7()}`;
      const [claimed] = await w.record.claimTasks([{ ...call, requestId }]);
      expect(claimed).toMatchObject({ kind: 'OK', lease: { attempt: 1 } });

      const [held] = await w.record.getLeasesOfRequest(w.org, 'agent-9', requestId);
      expect(decoder.decode(held?.checkpoint?.data)).toBe('"half"');
    });

    test('of a batch each task gets its own, and those without one none', async () => {
      const w = world();
      const leases = await Promise.all([w.running(), w.running(), w.running()]);
      await Promise.all(leases.slice(0, 2).map((lease, i) => w.leave(lease, `"${i}"`)));
      for (const lease of leases) {
        await w.fail(lease);
        await w.promote(lease.taskId);
      }
      const requests = leases.map(({ taskId }) => {
        return { org: w.org, taskId, agentId: 'agent-2', acceptWithinMs: LEASE_MS, requestId: null };
      });
      const outcomes = await w.record.claimTasks(requests);
      const told = outcomes.map((o) =>
        o.kind === 'OK' && o.checkpoint ? decoder.decode(o.checkpoint.data) : null,
      );
      expect(told).toEqual(['"0"', '"1"', null]);
      expect(outcomes.map((o) => 'checkpoint' in o)).toEqual([true, true, false]);
    });

    test('as large as one may be, and empty', async () => {
      const w = world();
      const lease = await w.running();
      for (const said of ['x'.repeat(MAX_CHECKPOINT_BYTES), '']) {
        await w.leave(lease, said);
        expect(await leftOf(w, lease.taskId)).toBe(said);
      }
    });

    test('only by who holds the task: an old claim, a stranger and one that is over change nothing', async () => {
      const w = world();
      const lease = await w.running();
      await w.leave(lease, '"mine"');
      expect(await w.leave({ ...lease, agentId: 'agent-2' }, '"theirs"')).toMatchObject({ kind: 'REFUSED' });
      expect(await w.leave({ ...lease, epoch: 2 }, '"later"')).toMatchObject({ kind: 'REFUSED' });
      expect(await w.leave({ ...lease, taskId: v7() }, '"nowhere"')).toEqual({ kind: 'NOT_FOUND' });
      await w.fail(lease);
      expect(await w.leave(lease, '"too late"')).toEqual({ kind: 'REFUSED', state: 'SCHEDULED', epoch: 1 });
      await w.promote(lease.taskId);
      await w.claim(lease.taskId, 'agent-1');
      expect(await w.leave(lease, '"too late"')).toEqual({ kind: 'REFUSED', state: 'ASSIGNED', epoch: 2 });
      expect(await leftOf(w, lease.taskId)).toBe('"mine"');
    });

    test('while it is asked to stop, and before its accept is there', async () => {
      const w = world();
      const stopping = await w.running();
      await w.preempt(stopping);
      const early = await w.claim(await w.submit());
      for (const lease of [stopping, early]) expect(await w.leave(lease, '"here"')).toEqual({ kind: 'OK' });
      expect(await leftOf(w, early.taskId)).toBe('"here"');
    });

    test('many at once, some of them of one task', async () => {
      const w = world();
      const leases = await Promise.all([w.running(), w.running()]);
      const said = leases.flatMap((lease) => [1, 2, 3].map((n) => ({ lease, said: `"${n}"` })));
      const outcomes = await Promise.all(said.map((one) => w.leave(one.lease, one.said)));
      expect(outcomes).toEqual(said.map(() => ({ kind: 'OK' })));
      for (const { taskId } of leases) expect(await leftOf(w, taskId)).toBe('"3"');
    });
  });
}
