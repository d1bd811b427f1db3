import { readdirSync, readFileSync } from 'node:fs';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EVERY_TASK } from '../../src/domain/tasks/task-filter.js';
import { NO_FAILPOINTS } from '../../src/ports/failpoints.js';
import type { TaskRecord } from '../../src/ports/task-record.js';
import type { Database, Statement } from '../../src/postgres/database.js';
import { createTaskRecord } from '../../src/postgres/tasks/task-record.js';
import { updateTask } from '../conformance/task-record-updating.js';
import { claimOf, createWorld, LEASE_MS, settlement } from '../conformance/task-record-world.js';
import { openPgliteRecord, type PgliteRecord, SILENT } from '../support/pglite-record.js';

const TASKS = 50_000;
const LARGE = ['task', 'task_spec', 'task_result', 'task_event', 'request_id'];

let opened: PgliteRecord;
let record: TaskRecord;
/** Every statement that the record ran, with the values of its last run. */
const ran = new Map<string, { statement: Statement; values: readonly unknown[] }>();

const claimAll = (tasks: readonly { readonly org: string; readonly taskId: string }[]) =>
  record.claimTasks(
    tasks.map(({ org, taskId }) => ({
      org,
      taskId,
      agentId: 'a',
      acceptWithinMs: LEASE_MS,
      requestId: null,
    })),
  );

beforeAll(async () => {
  opened = await openPgliteRecord();
  const { db } = opened;
  const noting: Database = {
    ...db,
    write: (statement, values) => {
      ran.set(statement.name, { statement, values });
      return db.write(statement, values);
    },
    read: (statement, values) => {
      ran.set(statement.name, { statement, values });
      return db.read(statement, values);
    },
  };
  record = createTaskRecord(noting, { failpoints: NO_FAILPOINTS, log: SILENT });
});
afterAll(() => opened.close());

let queries = 0;
const query = <Row>(text: string, values: readonly unknown[] = []) =>
  opened.db.read<Row>({ name: `query-${++queries}`, text }, values);

/** Drives a task through every verb and every read, so that each statement was run once. */
async function runEveryStatement(): Promise<void> {
  const w = createWorld(record);
  const request = { requestId: v7(), bodyHash: new Uint8Array(32) };
  const parent = await w.submit({}, { request });
  const lease = await w.running();
  await record.renewLeases([{ ...claimOf(lease), agentId: lease.agentId, leaseMs: 0 }]);
  await w.expire(lease);
  await w.promote(lease.taskId);
  const again = await w.claim(lease.taskId);
  await record.returnTasks([{ ...claimOf(again), agentId: null, to: 'QUEUED', reason: 'DRAINED' }]);
  await w.settle(await w.claim(lease.taskId));
  await w.cancel(parent);
  await w.retry(parent);
  await w.cancel(v7());
  const upstream = await w.submit({ deadline: Date.now() + 3_600_000 });
  const blocked = await w.submit({ dependencies: [{ taskId: upstream, runAnyway: false }] });
  await record.listOpenUpstreams([{ org: w.org, taskId: blocked }]);
  await record.settleEdges([{ org: w.org, taskId: upstream }]);
  await record.urgeUpstreams([{ org: w.org, taskId: blocked }]);
  await w.timeOut(upstream);
  await updateTask(w, upstream);
  await w.settle(await w.claim(upstream));
  await record.getLeases([claimOf(lease)]);
  await record.getLeasesOfRequest(w.org, 'agent-1', 'call');
  await record.forgetLeaseRequests(3_600_000);
  await w.get(parent);
  await record.getTaskStates(w.org, [parent]);
  await w.events(parent);
  await record.listOpenTasks(null, 10);
  const list = {
    org: w.org,
    view: 'BASIC' as const,
    limit: 10,
    beforeId: null,
  };
  const filter = { ...EVERY_TASK, kinds: ['x'], labels: { a: 'b' } };
  await record.listTasks({ ...list, filter });
  await record.listTasks({ ...list, filter: { ...filter, states: ['QUEUED'] } });
  await record.listTasks({ ...list, filter: { ...filter, parentTaskId: parent } });
}

/** Rows of one organisation, all of today, most of them ended. */
function fill(tasks: number): Promise<void> {
  const id = `(lpad(to_hex(${Date.now()}), 12, '0') || '7000' || '8' || lpad(to_hex(i), 15, '0'))::uuid`;
  return opened.db.exec(`
    INSERT INTO task (org, id, state, open, tier, band, score, seq, create_time, finish_time)
    SELECT 'full', ${id}, CASE WHEN i % 5 = 0 THEN 'QUEUED' ELSE 'SUCCEEDED' END, i % 5 = 0, 'NORMAL', 'OTHER', i, 1,
      now(), CASE WHEN i % 5 <> 0 THEN now() END
    FROM generate_series(1, ${tasks}) AS i;
    INSERT INTO task_spec (org, task_id, kind, tier, source, submitter_subject_id, labels, requirements, retry, body)
    SELECT 'full', ${id}, 'x', 'NORMAL', 'AUTOMATED', 'a', '{}', '{}', '{}', ''
    FROM generate_series(1, ${tasks}) AS i;
    INSERT INTO task_result (org, task_id, epoch, series, attempt, result_id, agent_id, outcome, create_time, summary)
    SELECT 'full', ${id}, 1, 0, 1, ${id}, 'a', 'SUCCEEDED', now(), ''
    FROM generate_series(1, ${tasks}) AS i;
    INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries)
    SELECT 'full', ${id}, 1, 'SUBMITTED', 'QUEUED', 0, 0, 0, 0 FROM generate_series(1, ${tasks}) AS i;`);
}

describe('on a table that grew behind its statistics', () => {
  beforeAll(async () => {
    await runEveryStatement();
    await opened.db.exec('ANALYZE');
    await fill(TASKS);
  });

  test('every statement of the record was run', () => {
    const folder = new URL('../../src/postgres/tasks/', import.meta.url);
    const files = readdirSync(folder).filter((file) => file.endsWith('.sql'));

    expect([...ran.keys()].sort()).toEqual(files.map((file) => file.replace('.sql', '')).sort());
    for (const { statement } of ran.values()) expect(statement.text.startsWith('-- ')).toBe(true);
  });

  test('no statement reads a large table from end to end', async () => {
    for (const { statement, values } of ran.values()) {
      const rows = await query<{ 'QUERY PLAN': string }>(`EXPLAIN (COSTS OFF) ${statement.text}`, values);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      const scanned = [...plan.matchAll(/Seq Scan on (\w+)/g)].map(([, table]) => table ?? '');
      const large = scanned.filter((table) =>
        LARGE.some((name) => table === name || table.startsWith(`${name}_`)),
      );

      expect(large, `${statement.name}\n${plan}`).toEqual([]);
      expect(plan, statement.name).not.toMatch(/Hash Join|Merge Join/);
    }
  });

  test('a batch touches its own rows only, as prepared before the table grew', async () => {
    const w = createWorld(record);
    const tasks = Array.from({ length: 100 }, () => w.newTask());
    await record.submitTasks(tasks);
    await opened.db.exec('SELECT pg_stat_force_next_flush()');
    const before = await reads();
    const claims = await claimAll(tasks);
    await record.settleTasks(
      claims.map((claim) => {
        if (claim.kind !== 'OK') throw new Error('not claimed');
        return settlement(claim.lease, 'SUCCEEDED');
      }),
    );
    await opened.db.exec('SELECT pg_stat_force_next_flush()');

    expect((await reads()) - before).toBeLessThan(2_000);
  });

  const reads = async (): Promise<number> => {
    const rows = await query<{ n: number }>(
      "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint AS n FROM pg_stat_user_tables WHERE relname LIKE 'task%'",
    );
    return rows[0]?.n ?? 0;
  };

  test('open tasks are read by their own index', async () => {
    for (const name of ['list-open-tasks', 'list-open-task-ids']) {
      const ranOnce = ran.get(name);
      const rows = await query<{ 'QUERY PLAN': string }>(
        `EXPLAIN (COSTS OFF) ${ranOnce?.statement.text}`,
        ranOnce?.values,
      );
      expect(rows.map((row) => row['QUERY PLAN']).join('\n'), name).toContain('using task_open_idx');
    }
  });
});

describe('transitions', () => {
  test('rewrite a row where it stands, until its end', async () => {
    const w = createWorld(record);
    const tasks = Array.from({ length: 500 }, () => w.newTask());
    await record.submitTasks(tasks);
    const stats = async () => {
      await opened.db.exec('SELECT pg_stat_force_next_flush()');
      const [row] = await query<{ updates: number; hot: number }>(
        "SELECT n_tup_upd AS updates, n_tup_hot_upd AS hot FROM pg_stat_user_tables WHERE relname = 'task'",
      );
      return row ?? { updates: 0, hot: 0 };
    };
    const before = await stats();
    const claims = await claimAll(tasks);
    const leases = claims.map((claim) => {
      if (claim.kind !== 'OK') throw new Error('not claimed');
      return claim.lease;
    });
    const held = leases.map((lease) => ({ ...claimOf(lease), agentId: 'a', leaseMs: LEASE_MS }));
    await record.acceptTasks(held);
    await record.renewLeases(held);
    const running = await stats();
    expect(running.updates - before.updates).toBe(1_500);
    expect(running.hot - before.hot).toBeGreaterThan(1_400);

    await record.settleTasks(leases.map((lease) => settlement(lease, 'SUCCEEDED')));
    const ended = await stats();
    expect(ended.updates - running.updates).toBe(500);
    expect(ended.hot - running.hot).toBe(0);
  });
});

describe('the statements', () => {
  test('name the organisation beside every id', () => {
    const folder = new URL('../../src/postgres/tasks/', import.meta.url);
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.sql'))) {
      const text = readFileSync(new URL(file, folder), 'utf8').replace(/^--.*$/gm, '');
      for (const { index } of text.matchAll(/\b(task_)?id = /g)) {
        const before = text.slice(Math.max(0, index - 60), index);
        expect(before, `${file}: …${text.slice(index - 30, index + 30)}…`).toMatch(/\borg = \S+ AND \S*$/);
      }
    }
  });
});
