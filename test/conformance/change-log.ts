import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChangePage, PlacedChange } from '../../src/ports/change-log.js';
import { createChangeLog } from '../../src/postgres/changes/change-log.js';
import type { Database } from '../../src/postgres/database.js';
import type { PgliteRecord } from '../support/pglite-record.js';
import { createWorld } from './task-record-world.js';

/** What the log of changes must do on every database. `open` is called once. */
export function describeChangeLog(name: string, open: () => Promise<PgliteRecord>): void {
  describe(`the log of changes on ${name}`, () => {
    let opened: PgliteRecord;
    let db: Database;
    beforeAll(async () => {
      opened = await open();
      ({ db } = opened);
    });
    afterAll(() => opened?.close());

    const told = ({ changes }: Pick<ChangePage, 'changes'>, taskId: string) =>
      changes.filter(([c]) => c.taskId === taskId).map(([{ seq, state }]) => `${seq} ${state}`);

    async function setup() {
      const log = createChangeLog(db);
      const world = createWorld(opened.record);
      const { safe } = await log.readChanges({ after: null, upTo: null, org: null });
      return {
        ...{ log, world, safe },
        /** A page, once nothing that has begun by now is left to wait for: a server does things of its own. */
        async read(query: { after?: number; upTo?: number; org?: string } = {}) {
          const stands = () => log.readChanges({ after: null, upTo: null, org: null });
          const { begun } = await stands();
          await expect.poll(async () => (await stands()).safe).toBeGreaterThanOrEqual(begun);
          return log.readChanges({ after: safe, upTo: null, org: world.org, ...query });
        },
      };
    }

    test('has every event of every task, as it was after it, in the order of the transactions', async () => {
      const { world, read } = await setup();
      const lease = await world.running();
      await world.settle(lease);
      const early = await world.claim(await world.submit());
      await world.settle(early);
      const page = await read();
      expect(told(page, lease.taskId)).toEqual(['1 QUEUED', '2 ASSIGNED', '3 RUNNING', '4 SUCCEEDED']);
      // A result that came before its accept: both events are of one transaction.
      expect(told(page, early.taskId).sort()).toEqual(['1 QUEUED', '2 ASSIGNED', '3 RUNNING', '4 SUCCEEDED']);
      const places = page.changes.map(([, position]) => position);
      expect(places).toEqual([...places].sort((a, b) => a - b));
      expect(page.upTo).toBe(page.safe);
      expect(page.changes.every(([{ org }]) => org === world.org)).toBe(true);
    });

    test('has what moves without being named: who depends on what has ended', async () => {
      const { world, read } = await setup();
      const upstream = await world.submit();
      const dependent = await world.submit({ dependencies: [{ taskId: upstream, runAnyway: false }] });
      await world.settle(await world.claim(upstream));
      expect(told(await read(), dependent)).toEqual(['1 BLOCKED', '2 QUEUED']);
    });

    test('gives a part: of an organisation, after a place, up to one; without a place only how it stands', async () => {
      const { log, world, safe, read } = await setup();
      const other = createWorld(opened.record);
      const [first, second] = [await world.submit(), await world.submit()];
      await other.submit();
      const { changes } = await read();
      expect(changes.map(([{ taskId }]) => taskId)).toEqual([first, second]);
      const [[, at]] = changes as [PlacedChange];
      expect((await read({ after: at })).changes.map(([{ taskId }]) => taskId)).toEqual([second]);
      const part = await read({ upTo: at });
      expect([part.changes.length, part.upTo]).toEqual([1, at]);
      const all = await log.readChanges({ after: safe, upTo: null, org: null });
      expect(all.changes.filter(([{ org }]) => [world.org, other.org].includes(org)).length).toBe(3);
      const none = await log.readChanges({ after: null, upTo: null, org: null });
      expect([none.changes, none.upTo]).toEqual([[], none.safe]);
    });

    test('gives whole transactions, page by page', async () => {
      const { log, world, read } = await setup();
      const tasks = Array.from({ length: 130 }, () => world.newTask());
      for (const task of tasks) await opened.record.submitTasks([task]);
      const seen: string[] = [];
      let pages = 0;
      const { safe } = await log.readChanges({ after: null, upTo: null, org: null });
      for (let page = await read(); ; page = await read({ after: page.upTo })) {
        pages += 1;
        seen.push(...page.changes.map(([{ taskId }]) => taskId));
        if (page.upTo >= safe) break;
      }
      expect(seen).toEqual(tasks.map(({ taskId }) => taskId));
      expect(pages).toBe(2);
      // One transaction with more rows than a page has: an org each.
      const many = Array.from({ length: 130 }, (_, i) => ({ ...world.newTask(), org: `${world.org}-${i}` }));
      const before = (await log.readChanges({ after: null, upTo: null, org: null })).safe;
      await opened.record.submitTasks(many);
      await read();
      const page = await log.readChanges({ after: before, upTo: null, org: null });
      expect(page.changes.map(([{ org }]) => org).sort()).toEqual(many.map(({ org }) => org).sort());
    });

    test('names the record the same every time', async () => {
      const { read } = await setup();
      const { generation } = await read();
      expect(generation).toMatch(/^\d+\.[0-9A-F]{8}\.\d+\.\d+$/);
      expect((await read()).generation).toBe(generation);
    });

    test('knows nobody who writes while nobody does', async () => {
      const { log } = await setup();
      await expect.poll(() => log.findOldestWriter()).toBeNull();
    });

    test('forgets what is old, and says from where on it forgot nothing', async () => {
      const { log, world, safe, read } = await setup();
      await world.submit();
      await log.forgetChanges(3_600_000);
      const before = await read();
      expect(before.oldest).toBeLessThanOrEqual(safe);
      expect(before.changes).toHaveLength(1);
      await world.submit();
      const last = (await read()).safe;
      // Everything is older than what is still to come; the newest of it stays, to tell from where.
      await log.forgetChanges(-1_000);
      const after = await read();
      expect(after.changes).toHaveLength(1);
      expect(after.oldest).toBe(after.changes[0] ? after.changes[0][1] - 1 : null);
      expect(after.oldest).toBeGreaterThan(safe);
      await world.submit();
      const [row] = await db.read<{ n: number }>(
        { name: '', text: 'SELECT count(*)::int AS n FROM task_change' },
        [],
      );
      expect(row?.n).toBe(2);
      expect((await read({ after: last })).changes).toHaveLength(1);
    });
  });
}
