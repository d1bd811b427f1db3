import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EVERY_TASK } from '../../src/domain/tasks/task-filter.js';
import { createRetention } from '../../src/maintenance/retention.js';
import { ensurePartitions, partitionName } from '../../src/postgres/partitions.js';
import { createRetentionRecord } from '../../src/postgres/retention/retention-record.js';
import { FakeClock } from '../support/fake-clock.js';
import { type PgliteRecord, SILENT } from '../support/pglite-record.js';
import { testKeptWorkflows } from './retention-workflows.js';
import { createWorld } from './task-record-world.js';

const DAY_MS = 86_400_000;
const KEEP_MS = 30 * DAY_MS;

/** What is kept of what ended, and for how long. `open` is called once; each test has a day of its own. */
export function describeRetention(
  name: string,
  open: () => Promise<Pick<PgliteRecord, 'db' | 'record' | 'workflows' | 'close'>>,
): void {
  describe(`retention on ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>> | undefined;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());

    let queries = 0;
    let daysAgo = 40;

    /** An organisation whose tasks are of a day long ago. */
    const setup = async ({ partitioned = true } = {}) => {
      if (!opened) throw new Error('the record is not open');
      const { db, record, workflows } = opened;
      const world = createWorld(record);
      const { org } = world;
      daysAgo += 2;
      const day = Math.floor(Date.now() / DAY_MS) * DAY_MS - daysAgo * DAY_MS;
      if (partitioned) await ensurePartitions(db, day, 0);
      const query = <Row>(text: string, values: readonly unknown[] = []) =>
        db.read<Row>({ name: `retention-query-${++queries}`, text }, values);
      const submit = (spec: Parameters<typeof world.submit>[0] = {}, rest = {}) =>
        world.submit(spec, { taskId: v7({ msecs: day + DAY_MS / 2 }), ...rest });
      return {
        ...world,
        db,
        workflows,
        day,
        query,
        submit,
        retention: createRetentionRecord(db),
        /** A task of that day that ended so long ago. */
        async ended(endedMsAgo: number, spec: Parameters<typeof world.submit>[0] = {}): Promise<string> {
          const taskId = await submit(spec);
          await world.settle(await world.claim(taskId));
          await this.age(endedMsAgo, taskId);
          return taskId;
        },
        age: (endedMsAgo: number, ...ids: string[]) =>
          db.exec(`UPDATE task SET finish_time = now() - interval '${endedMsAgo} ms'
            WHERE org = '${org}' AND id = ANY ('{${ids.join(',')}}'::uuid[])`),
        /** A whole pass, by the service, while its clocks say that it is now. */
        async pass({ aheadMs = 0, batch = 1_000 } = {}): Promise<void> {
          const clock = new FakeClock();
          clock.advance(Date.now() - clock.now());
          let over = () => {};
          const ended = new Promise<void>((resolve) => {
            over = resolve;
          });
          const retention = createRetentionRecord(db);
          const service = createRetention({
            retention: {
              ...retention,
              async dropDays(...args) {
                return await retention.dropDays(...args).finally(over);
              },
            },
            workflows,
            leaseClock: { now: async () => Date.now() + aheadMs },
            clock,
            log: SILENT,
            tasksMs: KEEP_MS,
            requestIdsMs: 7 * DAY_MS,
            batch,
          });
          service.start();
          let isOver = false;
          void ended.then(() => {
            isOver = true;
          });
          while (!isOver) {
            await new Promise((resolve) => setImmediate(resolve));
            clock.advance(250);
          }
          await service.stop();
        },
        async isThere(taskId: string): Promise<boolean> {
          const [task] = await record.getTasks(org, [taskId], 'FULL');
          expect((await world.events(taskId)).length > 0).toBe(task !== null);
          return task !== null;
        },
        async partitions(): Promise<number> {
          const names = ['task_spec', 'task_result', 'task_event'].map((table) => partitionName(table, day));
          const rows = await query<{ n: number }>(
            'SELECT count(*)::int AS n FROM pg_class WHERE relname = ANY ($1::text[])',
            [names],
          );
          return rows[0]?.n ?? Number.NaN;
        },
      };
    };

    test('what ended long ago is gone, and its day with it', async () => {
      const w = await setup();
      const old = [await w.ended(KEEP_MS + DAY_MS), await w.ended(KEEP_MS + DAY_MS)];
      expect(await w.partitions()).toBe(3);
      await w.pass();

      for (const taskId of old) expect(await w.isThere(taskId)).toBe(false);
      expect(await w.partitions()).toBe(0);
      const page = await w.record.listTasks({
        org: w.org,
        filter: EVERY_TASK,
        view: 'BASIC',
        limit: 10,
        beforeId: null,
      });
      expect(page.tasks).toEqual([]);
    });

    test('what a person was asked goes with its task', async () => {
      const w = await setup();
      const asked = { kind: 'AWAITING_APPROVAL', reason: 'dear', policyId: 'p', policyVersion: 1 } as const;
      const admission = { ...asked, dueTime: Date.now(), defaultVerdict: 'REJECT' } as const;
      const [old, waiting] = [await w.submit({}, { admission }), await w.submit({}, { admission })];
      const approvals = async () =>
        (await w.record.listApprovals({ org: w.org, all: true, after: null, limit: 9 })).map((a) => a.taskId);
      expect((await approvals()).sort()).toEqual([old, waiting].sort());
      await w.cancel(old);
      await w.age(KEEP_MS + DAY_MS, old);
      await w.pass();
      expect(await w.isThere(old)).toBe(false);
      expect(await approvals()).toEqual([waiting]);
    });

    test('what attempts left goes with its task', async () => {
      const w = await setup();
      const lefts = async () => {
        const rows = await w.query<{ task_id: string }>(
          'SELECT task_id FROM task_checkpoint WHERE org = $1',
          [w.org],
        );
        return rows.map(({ task_id: id }) => id).sort();
      };
      const ids: string[] = [];
      for (const agoMs of [KEEP_MS + DAY_MS, KEEP_MS - DAY_MS]) {
        const taskId = await w.submit();
        const lease = await w.claim(taskId);
        await w.leave(lease, '{"page":3}');
        await w.settle(lease);
        await w.age(agoMs, taskId);
        ids.push(taskId);
      }
      expect(await lefts()).toEqual([...ids].sort());
      await w.pass();
      expect(await lefts()).toEqual(ids.slice(1));
    });

    test('what is open, or ended not so long ago, stays whole, and so does its day, until it is its turn', async () => {
      const w = await setup();
      const waiting = await w.submit();
      const recent = await w.ended(DAY_MS);
      const old = await w.ended(KEEP_MS + DAY_MS);
      await w.pass();

      expect(await w.isThere(old)).toBe(false);
      for (const taskId of [waiting, recent]) await w.expectConsistent(taskId);
      expect(await w.partitions()).toBe(3);

      await w.settle(await w.claim(waiting));
      await w.age(KEEP_MS + DAY_MS, waiting, recent);
      await w.pass();
      for (const taskId of [waiting, recent]) expect(await w.isThere(taskId)).toBe(false);
      expect(await w.partitions()).toBe(0);
    });

    test('tasks of days that are not over for so long stay, however long ago they say that they ended', async () => {
      const w = await setup();
      const taskId = await w.submit({}, { taskId: v7({ msecs: Date.now() - DAY_MS }) });
      await w.settle(await w.claim(taskId));
      await w.age(KEEP_MS + DAY_MS, taskId);
      await w.pass();
      expect(await w.isThere(taskId)).toBe(true);
    });

    test('a clock of the record that is ahead drops nothing early', async () => {
      const w = await setup();
      const taskId = v7({ msecs: Date.now() - 2 * DAY_MS });
      await w.submit({}, { taskId });
      await w.settle(await w.claim(taskId));
      await w.age(KEEP_MS + DAY_MS, taskId);
      await w.pass({ aheadMs: 60 * DAY_MS });
      expect(await w.isThere(taskId)).toBe(true);
    });

    test('what another waits for, or was skipped for, stays as long as that one; edges go with who waited', async () => {
      const w = await setup();
      const edges = async () => (await w.query('SELECT FROM task_edge WHERE org = $1', [w.org])).length;
      const failed = await w.submit();
      const skipped = await w.submit({ dependencies: [{ taskId: failed, runAnyway: false }] });
      const succeeded = await w.ended(KEEP_MS + DAY_MS);
      const after = await w.submit({ dependencies: [{ taskId: succeeded, runAnyway: false }] });
      await w.fail(await w.claim(failed), false);
      expect((await w.get(skipped)).state).toBe('SKIPPED');
      await w.age(KEEP_MS + DAY_MS, failed);
      await w.pass();
      expect(await w.isThere(failed)).toBe(true);
      expect(await w.isThere(succeeded)).toBe(false);
      expect((await w.get(after)).state).toBe('QUEUED');

      await w.age(KEEP_MS + DAY_MS, skipped);
      await w.pass();
      expect(await w.isThere(skipped)).toBe(false);
      expect(await edges()).toBe(1);
      await w.pass();
      expect(await w.isThere(failed)).toBe(false);

      await w.settle(await w.claim(after));
      await w.age(KEEP_MS + DAY_MS, after);
      await w.pass();
      expect(await edges()).toBe(0);
    });

    test('it goes batch by batch through every organisation', async () => {
      const worlds = [await setup(), await setup()];
      const all: (() => Promise<boolean>)[] = [];
      for (const w of worlds) {
        for (let i = 0; i < 5; i++) {
          const taskId = await w.ended(KEEP_MS + DAY_MS);
          all.push(() => w.isThere(taskId));
        }
      }
      const [w] = worlds;
      const options = { beforeMs: Date.now() - KEEP_MS, keepMs: KEEP_MS, limit: 2 };
      let dropped = 0;
      let cursor: Parameters<NonNullable<typeof w>['retention']['dropTasks']>[0] = null;
      do {
        const page = await (w as NonNullable<typeof w>).retention.dropTasks(cursor, options);
        expect(page.dropped).toBeLessThanOrEqual(2);
        dropped += page.dropped;
        cursor = page.cursor;
      } while (cursor !== null);

      expect(dropped).toBe(10);
      for (const isThere of all) expect(await isThere()).toBe(false);
    });

    test('what has no partition of its day goes too', async () => {
      const w = await setup({ partitioned: false });
      const taskId = await w.ended(KEEP_MS + DAY_MS);
      const rows = async () => {
        const counts: number[] = [];
        for (const table of ['spec', 'result', 'event']) {
          const text = `SELECT FROM task_${table}_default WHERE org = $1 AND task_id = $2::uuid`;
          counts.push((await w.query(text, [w.org, taskId])).length);
        }
        return counts;
      };
      expect(await rows()).toEqual([1, 1, 1]);
      await w.pass();
      expect(await w.isThere(taskId)).toBe(false);
      expect(await rows()).toEqual([0, 0, 0]);
    });

    test('names of submissions are forgotten after their time, some at a time', async () => {
      const w = await setup();
      const names = ['r1', 'r2', 'r3', 'young'];
      for (const requestId of names) {
        await w.submit({}, { request: { requestId, bodyHash: new Uint8Array(32) } });
      }
      await w.db.exec(`UPDATE request_id SET create_time = now() - interval '8 days'
        WHERE org = '${w.org}' AND request_id <> 'young'`);
      expect(await w.retention.forgetRequestIds(7 * DAY_MS, 2)).toBe(2);
      await w.pass({ batch: 2 });

      const left = await w.query<{ id: string }>('SELECT request_id AS id FROM request_id WHERE org = $1', [
        w.org,
      ]);
      expect(left).toEqual([{ id: 'young' }]);
    });

    testKeptWorkflows(setup, KEEP_MS);

    test('sub-tasks that are left are listed past many that are gone', async () => {
      const w = await setup();
      const parent = await w.submit();
      const open = await w.submit(
        { parentTaskId: parent },
        { taskId: v7({ msecs: w.day + DAY_MS / 2 - 1 }) },
      );
      for (let i = 0; i < 12; i++) await w.ended(KEEP_MS + DAY_MS, { parentTaskId: parent });
      await w.pass();
      const filter = { ...EVERY_TASK, parentTaskId: parent };
      const found: string[] = [];
      let beforeId: string | null = null;
      do {
        const page = await w.record.listTasks({ org: w.org, filter, view: 'BASIC', limit: 3, beforeId });
        found.push(...page.tasks.map(({ taskId }) => taskId));
        beforeId = page.beforeId;
      } while (beforeId !== null);
      expect(found).toEqual([open]);
    });
  });
}
