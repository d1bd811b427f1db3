import { readdirSync, readFileSync } from 'node:fs';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NO_FAILPOINTS } from '../../src/ports/failpoints.js';
import type { TaskRecord } from '../../src/ports/task-record.js';
import type { WorkflowRecord } from '../../src/ports/workflow-record.js';
import type { Database } from '../../src/postgres/database.js';
import { createTaskRecord } from '../../src/postgres/tasks/task-record.js';
import { createTaskTrails } from '../../src/postgres/tasks/task-trails.js';
import { createWorkflowRecord } from '../../src/postgres/workflows/workflow-record.js';
import { claimOf, createWorld, LEASE_MS, settlement } from '../conformance/task-record-world.js';
import { openPgliteRecord, type PgliteRecord, SILENT } from '../support/pglite-record.js';
import { noting, type Run, runEveryStatement } from '../support/plans/every-statement.js';
import { fillTables } from '../support/plans/fill-tables.js';
import { runWorkflowRounds, runWorkflowStatements } from '../support/plans/workflow-statements.js';

const TASKS = 50_000;
const LARGE = ['task', 'task_spec', 'task_result', 'task_event', 'task_approval', 'request_id', 'workflow'];
const FOLDERS = ['tasks', 'workflows'];

let opened: PgliteRecord;
let noted: Database;
let record: TaskRecord;
let workflows: WorkflowRecord;
let ran: ReadonlyMap<string, Run>;

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
  const all = noting(opened.db);
  noted = all.db;
  ran = all.ran;
  record = createTaskRecord(noted, { failpoints: NO_FAILPOINTS, log: SILENT });
  workflows = createWorkflowRecord(noted);
});
afterAll(() => opened.close());

let queries = 0;
const query = <Row>(text: string, values: readonly unknown[] = []) =>
  opened.db.read<Row>({ name: `query-${++queries}`, text }, values);

describe('on a table that grew behind its statistics', () => {
  beforeAll(async () => {
    await runEveryStatement(record);
    await createTaskTrails(noted).readChanges([{ org: 'o', taskId: v7(), seq: 2, state: 'QUEUED' }]);
    await runWorkflowStatements({ record, workflows });
    await runWorkflowRounds({ workflows });
    await opened.db.exec('ANALYZE');
    await fillTables(opened.db, TASKS);
  }, 180_000);

  test('every statement of the record was run', () => {
    const files = FOLDERS.flatMap((folder) =>
      readdirSync(new URL(`../../src/postgres/${folder}/`, import.meta.url)).filter((f) =>
        f.endsWith('.sql'),
      ),
    );

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

  test.each([
    ['task_open_idx', ['list-open-tasks', 'list-open-task-ids']],
    // As Postgres names task_spec_keyed_idx in its partitions.
    ['task_spec_\\d+_org_task_id_idx', ['list-recent-starts']],
    ['task_workflow_open_idx', ['list-workflow-open-tasks', 'list-workflow-strays']],
    ['task_workflow_idx', ['list-workflow-items', 'list-workflow-task-ids']],
    ['workflow_settled_idx', ['open-workflow', 'commit-workflow', 'list-due-workflows']],
    ['workflow_open_idx', ['list-open-workflows']],
  ])('by %s is read what it is for', async (index, names) => {
    for (const name of names) {
      const ranOnce = ran.get(name);
      const rows = await query<{ 'QUERY PLAN': string }>(
        `EXPLAIN (COSTS OFF) ${ranOnce?.statement.text}`,
        ranOnce?.values,
      );
      expect(rows.map((row) => row['QUERY PLAN']).join('\n'), name).toMatch(
        new RegExp(`(using|on) ${index}\\b`),
      );
    }
  });
});

describe('transitions', () => {
  test.each([
    ['a task', {}],
    ['a task of a workflow', { node: 1, run: 1, item: 1, groupId: 'g', templateId: 't' }],
  ])('rewrite the row of %s where it stands, until its end', async (_what, place) => {
    const w = createWorld(record);
    const workflow = 'node' in place ? { ...place, workflowId: v7() } : null;
    const tasks = Array.from({ length: 500 }, () => w.newTask({}, { workflow }));
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
