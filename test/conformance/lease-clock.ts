import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClockWatch } from '../../src/maintenance/clock-watch.js';
import { createLeaseReaper } from '../../src/maintenance/lease-reaper.js';
import { NO_OUTAGES } from '../../src/ports/outages.js';
import type { LeaseHint } from '../../src/ports/ready-index.js';
import { createLeaseClock } from '../../src/postgres/leader/lease-clock.js';
import type { Ports } from '../../src/usecases/ports.js';
import { FakeClock } from '../support/fake-clock.js';
import { type PgliteRecord, SILENT } from '../support/pglite-record.js';
import { claimOf, createWorld, LEASE_MS } from './task-record-world.js';

const HOUR_MS = 3_600_000;
const SPANS = { leaseMs: LEASE_MS, assignedMs: 15_000, cancelGraceMs: 5_000 };

/** What a jump of the record's clock does to leases, and what is done about it. `open` is called once. */
export function describeLeaseClock(
  name: string,
  open: () => Promise<Pick<PgliteRecord, 'db' | 'record' | 'close'>>,
): void {
  describe(`the clock of leases on ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>> | undefined;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());

    /**
     * A record whose clock `jump` moves: what was written before is moved the other way instead.
     * A reaper looks at the leases it was given whenever `reap` says so.
     */
    const setup = () => {
      if (!opened) throw new Error('the record is not open');
      const { db, record } = opened;
      const real = createLeaseClock(db);
      let offsetMs = 0;
      const leaseClock = { ...real, now: async () => (await real.now()) + offsetMs };
      const clock = new FakeClock();
      const began = performance.now();
      const monotonic = () => performance.now() - began;
      const watch = createClockWatch({ leaseClock, clock: { monotonic }, log: SILENT, spans: SPANS });
      let due: LeaseHint[] = [];
      const acted: Promise<unknown>[] = [];
      const ports = {
        record: {
          ...record,
          expireLeases: (requests: Parameters<typeof record.expireLeases>[0]) => {
            const outcomes = record.expireLeases(requests);
            acted.push(outcomes);
            return outcomes;
          },
        },
        index: {
          takeDueHints: async () => due.splice(0),
          hintLeases: async (later: readonly LeaseHint[]) => {
            due = [...due, ...later];
          },
          recordAttempts: async () => undefined,
          delay: async () => undefined,
          remove: async () => undefined,
          freeSlots: async () => undefined,
          add: async () => undefined,
        },
        deadlines: { drop: async () => undefined, watch: async () => undefined },
        sessions: { revoke: () => undefined, cancel: () => undefined },
        changes: { publish: () => undefined },
        failpoints: { hit: () => undefined },
        outages: NO_OUTAGES,
        ids: { random: () => 0.5 },
        clock,
        log: SILENT,
        rules: SPANS,
      } as unknown as Ports;
      return {
        ...createWorld(record),
        watch,
        leaseClock,
        async jump(byMs: number): Promise<void> {
          offsetMs += byMs;
          await db.exec(`UPDATE task SET lease_expires_at = lease_expires_at - interval '${byMs} ms',
            attempt_deadline = attempt_deadline - interval '${byMs} ms' WHERE open`);
        },
        /** Lets a reaper look at these leases, to its end. */
        async reap(hints: readonly Omit<LeaseHint, 'due'>[]): Promise<void> {
          due = hints.map((hint) => ({ ...hint, due: 0 }));
          const reaper = createLeaseReaper(ports, 250, watch);
          reaper.start();
          await reaper.stop();
          await Promise.all(acted);
        },
        async remaining(taskId: string): Promise<number> {
          const [row] = await db.read<{ ms: number }>(
            {
              name: 'remaining-lease',
              text: 'SELECT (extract(epoch FROM lease_expires_at - now()) * 1000)::bigint AS ms FROM task WHERE id = $1::uuid',
            },
            [taskId],
          );
          return row?.ms ?? Number.NaN;
        },
      };
    };

    test('tells the time', async () => {
      const { leaseClock } = setup();
      const first = await leaseClock.now();
      const second = await leaseClock.now();
      expect(second).toBeGreaterThanOrEqual(first);
      expect(Math.abs(first - Date.now())).toBeLessThan(HOUR_MS);
    });

    test.each([2 * HOUR_MS, -2 * HOUR_MS])('no lease changes hands when it jumps by %i ms', async (byMs) => {
      const w = setup();
      await w.watch.look();
      const running = await w.running({ attemptTimeoutMs: 30_000 });
      const cancelling = await w.running();
      await w.cancel(cancelling.taskId, 20_000);
      const preempting = await w.running();
      await w.preempt(preempting, 20_000);
      const leases = [running, cancelling, preempting];
      await w.jump(byMs);
      await w.reap(leases.map(claimOf));

      for (const { taskId, epoch } of leases) {
        expect(await w.get(taskId)).toMatchObject({ epoch, agentId: 'agent-1' });
        expect(await w.remaining(taskId)).toBeGreaterThan(2_000);
        expect(await w.remaining(taskId)).toBeLessThanOrEqual(LEASE_MS);
      }
      expect((await w.get(running.taskId)).state).toBe('RUNNING');
      expect((await w.get(cancelling.taskId)).state).toBe('CANCELLING');
      expect((await w.get(preempting.taskId)).state).toBe('PREEMPTING');
      await w.settle(running);
      await w.expectConsistent(running.taskId);
    });

    test('a lease that has run out on a clock that did not jump is ended', async () => {
      const w = setup();
      await w.watch.look();
      const lease = await w.running({}, 0);
      await w.reap([claimOf(lease)]);
      expect((await w.get(lease.taskId)).state).toBe('SCHEDULED');
    });

    test('leases begin anew by the state of their task, as often as one says so; what waits is left alone', async () => {
      const w = setup();
      const waiting = await w.submit();
      const assigned = await w.claim(await w.submit(), 'agent-1', 0);
      const running = await w.running({ attemptTimeoutMs: 30_000 }, 0);
      const stopping = await w.running();
      await w.cancel(stopping.taskId, 0);
      const preempting = await w.running();
      await w.preempt(preempting, 0);
      const before = await w.get(waiting);
      for (const _ of [1, 2]) expect(await w.leaseClock.beginLeasesAnew(SPANS)).toBeGreaterThanOrEqual(3);

      expect(await w.remaining(assigned.taskId)).toBeLessThanOrEqual(SPANS.assignedMs);
      expect(await w.remaining(assigned.taskId)).toBeGreaterThan(SPANS.assignedMs / 2);
      expect(await w.remaining(running.taskId)).toBeGreaterThan(LEASE_MS / 2);
      expect(await w.remaining(stopping.taskId)).toBeLessThanOrEqual(SPANS.cancelGraceMs);
      expect(await w.remaining(stopping.taskId)).toBeGreaterThan(0);
      expect(await w.remaining(preempting.taskId)).toBeLessThanOrEqual(SPANS.cancelGraceMs);
      expect(await w.remaining(preempting.taskId)).toBeGreaterThan(0);
      expect(await w.get(waiting)).toEqual(before);
      const [state] = await w.record.getLeases([claimOf(running)]);
      expect(state?.attemptRemainingMs).toBeGreaterThan(15_000);
    });
  });
}
