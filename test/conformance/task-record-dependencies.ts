import { v7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import type { Lease } from '../../src/domain/tasks/lease.js';
import { afterFailure, afterReturn, DEFAULT_RETRY } from '../../src/domain/tasks/retry.js';
import type { Dependency } from '../../src/domain/tasks/task.js';
import { anyway, expectEdgesSettled, on, statesOf } from './task-record-chains.js';
import { claimOf, type World } from './task-record-world.js';

/** Every way in which a task can end, with whether it is a success. */
const ENDS: Readonly<Record<string, (w: World, taskId: string) => Promise<unknown>>> = {
  SUCCEEDED: async (w, id) => w.settle(await w.claim(id)),
  FAILED: async (w, id) => w.fail(await w.claim(id), false),
  'DEAD_LETTER by failing': async (w, id) => {
    return w.fail(await w.claim(id));
  },
  'DEAD_LETTER by returning': async (w, id) => {
    for (;;) {
      const lease = await w.claim(id);
      const to = afterReturn(lease.retry, lease.deliveries);
      const back = { ...claimOf(lease), agentId: null, to, reason: 'DECLINED' };
      const [outcome] = await w.record.returnTasks([back]);
      if (to === 'DEAD_LETTER') return outcome;
    }
  },
  'DEAD_LETTER by losing its lease': async (w, id) => {
    const lease = await w.claim(id);
    await w.accept(lease, -1);
    return w.expire(lease, { afterFailure: afterFailure(lease.retry, lease.attempt, true, 0) });
  },
  CANCELLED: (w, id) => w.cancel(id),
  'CANCELLED while it ran': async (w, id) => {
    const lease = await w.claim(id);
    await w.accept(lease);
    await w.cancel(id, -1);
    return w.expire(lease);
  },
  TIMED_OUT: (w, id) => w.timeOut(id),
};

export function testDependencies(world: () => World): void {
  describe('dependencies', () => {
    test.each(Object.keys(ENDS))('an end as %s settles the edges in the same step', async (how) => {
      const w = world();
      const past = Date.now() - 1_000;
      const retry = { ...DEFAULT_RETRY, maxAttempts: 1 };
      const upstream = await w.submit({ retry, deadline: how === 'TIMED_OUT' ? past : null });
      const strict = await w.submit({ dependencies: on(upstream) });
      const easy = await w.submit({ dependencies: anyway(upstream) });
      expect((await w.get(strict)).state).toBe('BLOCKED');
      expect((await w.get(strict)).pending).toBe(1);

      const outcome = await ENDS[how]?.(w, upstream);

      const moved = { [strict]: how === 'SUCCEEDED' ? 'QUEUED' : 'SKIPPED', [easy]: 'QUEUED' };
      expect(statesOf(outcome)).toEqual(moved);
      expect((await w.get(strict)).state).toBe(moved[strict]);
      expect((await w.get(strict)).reason).toBe(how === 'SUCCEEDED' ? '' : 'UPSTREAM_FAILED');
      if (how !== 'SUCCEEDED') {
        const detail = { upstream_task_id: upstream, upstream_state: how.split(' ')[0] };
        expect((await w.events(strict)).at(-1)).toMatchObject({ type: 'SKIPPED', detail });
      }
      expect((await w.get(easy)).state).toBe('QUEUED');
      expect((await w.get(easy)).pending).toBe(0);
      await expectEdgesSettled(w, [upstream, strict, easy]);
    });

    test('a task with several waits for the last of them', async () => {
      const w = world();
      const ups = [await w.submit(), await w.submit(), await w.submit()];
      const down = await w.submit({ dependencies: on(...ups) });
      for (const [i, up] of ups.entries()) {
        expect((await w.get(down)).state).toBe('BLOCKED');
        const outcome = await w.settle(await w.claim(up));
        expect(statesOf(outcome)).toEqual(i === 2 ? { [down]: 'QUEUED' } : {});
      }
      await w.settle(await w.claim(down));
      await w.expectConsistent(down);
    });

    test('two that end in one batch move their dependent once', async () => {
      const w = world();
      const leases = await Promise.all([w.submit(), w.submit()].map(async (id) => w.claim(await id)));
      const down = await w.submit({ dependencies: on(...leases.map((lease) => lease.taskId)) });
      const outcomes = await Promise.all(leases.map((lease: Lease) => w.settle(lease)));

      expect(outcomes.flatMap((o) => Object.entries(statesOf(o)))).toEqual([[down, 'QUEUED']]);
      expect(await w.types(down)).toEqual(['SUBMITTED', 'UNBLOCKED']);
    });

    test('what has ended before counts at once', async () => {
      const w = world();
      const done = await w.submit();
      await w.settle(await w.claim(done));
      const failed = await w.submit();
      await w.fail(await w.claim(failed), false);
      const task = async (dependencies: Dependency[]) =>
        (await w.get(await w.submit({ dependencies }))).state;

      const cancelled = await w.submit();
      await w.cancel(cancelled);
      const skipped = await w.submit({ dependencies: [...on(cancelled, done, failed)] });
      const [submitted] = await w.events(skipped);
      const detail = { pending: 0, upstream_task_id: failed, upstream_state: 'FAILED' };
      expect(submitted).toMatchObject({ type: 'SUBMITTED', state: 'SKIPPED', detail });
      const [easy] = await w.events(await w.submit({ dependencies: anyway(failed) }));
      expect(easy?.detail).not.toHaveProperty('upstream_task_id');

      expect(await task(on(done))).toBe('QUEUED');
      expect(await task(on(done, failed))).toBe('SKIPPED');
      expect(await task(anyway(failed))).toBe('QUEUED');
      expect(await task([...on(done), ...anyway(failed)])).toBe('QUEUED');
    });

    test('what is not there, or is of another organisation, is named', async () => {
      const w = world();
      const elsewhere = await world().submit();
      for (const id of [v7(), elsewhere]) {
        const [outcome] = await w.record.submitTasks([w.newTask({ dependencies: on(await w.submit(), id) })]);
        expect(outcome).toEqual({ kind: 'DEPENDENCY_NOT_FOUND', taskId: id });
      }
    });

    test('a repeat of a submission finds the task that waits', async () => {
      const w = world();
      const up = await w.submit();
      const request = { requestId: 'once', bodyHash: new Uint8Array(32) };
      const dependencies = on(up);
      const first = w.newTask({ dependencies }, { request });
      await w.record.submitTasks([first]);
      const [again] = await w.record.submitTasks([w.newTask({ dependencies }, { request })]);
      expect(again).toMatchObject({
        kind: 'ALREADY_SUBMITTED',
        change: { taskId: first.taskId, state: 'BLOCKED' },
      });
    });

    test('one that waits for its time as well is SCHEDULED when it is unblocked', async () => {
      const w = world();
      const up = await w.submit();
      const runAt = Date.now() + 3_600_000;
      const down = await w.submit({ dependencies: on(up), runAt }, { runTime: runAt });
      expect((await w.get(down)).runTime).toBeNull();
      const outcome = await w.settle(await w.claim(up));

      expect(statesOf(outcome)).toEqual({ [down]: 'SCHEDULED' });
      expect((await w.get(down)).runTime).toBe(runAt);
      await w.expectConsistent(down);
    });

    test('a task that waits can be cancelled, and stays so whatever becomes of its upstream', async () => {
      const w = world();
      const up = await w.submit();
      const down = await w.submit({ dependencies: on(up) });
      await w.cancel(down);
      expect(statesOf(await w.settle(await w.claim(up)))).toEqual({});
      expect((await w.get(down)).state).toBe('CANCELLED');
      await w.expectConsistent(down);
    });

    test('a task and its dependent that are cancelled together both are', async () => {
      const w = world();
      const up = await w.submit();
      const down = await w.submit({ dependencies: on(up) });
      await w.record.cancelTasks(
        [up, down].map((taskId) => ({ org: w.org, taskId, graceMs: 1, reason: 'both', actor: 'bob' })),
      );
      for (const id of [up, down]) expect((await w.get(id)).state).toBe('CANCELLED');
      await expectEdgesSettled(w, [up, down]);
    });

    test('listOpenUpstreams names what blocked tasks wait for', async () => {
      const w = world();
      const [a, b, done] = [await w.submit(), await w.submit(), await w.submit()];
      await w.settle(await w.claim(done));
      const one = await w.submit({ dependencies: on(a, done) });
      const two = await w.submit({ dependencies: on(a, b) });
      const keys = [one, two].map((taskId) => ({ org: w.org, taskId }));
      const found = await w.record.listOpenUpstreams(keys);
      expect(found.map((key) => key.taskId).sort()).toEqual([a, b].sort());
    });

    test('the last two of many upstreams, ending at once, leave nobody waiting', async () => {
      const w = world();
      const ups = await Promise.all(Array.from({ length: 40 }, () => w.submit()));
      const downs = await Promise.all(
        Array.from({ length: 10 }, () => w.submit({ dependencies: on(...ups) })),
      );
      const leases = await Promise.all(ups.map((id) => w.claim(id)));
      await Promise.all(leases.map((lease) => w.settle(lease)));
      for (const id of downs) expect((await w.get(id)).state).toBe('QUEUED');
    });
  });
}
