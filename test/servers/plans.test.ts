import { readdirSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NO_FAILPOINTS } from '../../src/ports/failpoints.js';
import { createAgentRecord } from '../../src/postgres/agents/agent-record.js';
import type { Database } from '../../src/postgres/database.js';
import { openServer, SESSION_OPTIONS } from '../../src/postgres/drivers/server.js';
import { createDurationRecord } from '../../src/postgres/durations/duration-record.js';
import { createLeadership } from '../../src/postgres/leader/leadership.js';
import { createLeaseClock } from '../../src/postgres/leader/lease-clock.js';
import { createOperationRecord } from '../../src/postgres/operations/operation-record.js';
import { ensurePartitions } from '../../src/postgres/partitions.js';
import { createQueueRecord } from '../../src/postgres/queues/queue-record.js';
import { createRetentionRecord } from '../../src/postgres/retention/retention-record.js';
import { createTaskRecord } from '../../src/postgres/tasks/task-record.js';
import { createTaskTrails } from '../../src/postgres/tasks/task-trails.js';
import { createWorkflowRecord } from '../../src/postgres/workflows/workflow-record.js';
import { recordOn, SILENT } from '../support/pglite-record.js';
import { noting, type Run, runEveryStatement, runOtherStatements } from '../support/plans/every-statement.js';
import { fillTables } from '../support/plans/fill-tables.js';
import { runWorkflowRounds, runWorkflowStatements } from '../support/plans/workflow-statements.js';
import { type PostgresServer, startPostgres } from '../support/servers/postgres-server.js';

const TASKS = 1_000_000;
const TIMES = 10;
const DAYS = 20;
/** On a machine that does much else; else a tenth of it. */
const FILL_MS = 400_000;
/** What grew to a row a task; some are partitioned by day. */
const LARGE = /^(task|task_spec|task_result|task_event|request_id|lease_request|workflow)(_|$)/;
/** Rows that one round of all statements may look at, in all tables together: they are on a few tasks each. */
const ROWS_PER_ROUND = 2_000;

let server: PostgresServer;
let url: string;
let db: Database;
let ran: ReadonlyMap<string, Run>;
/** Has prepared everything while there was next to nothing in the tables. */
let early: pg.Client;

beforeAll(async () => {
  server = await startPostgres();
  url = await server.createDatabase();
  // Tables are filled side by side, more than there are connections.
  const filler = openServer({ url, log: SILENT, statementTimeoutMs: FILL_MS, connectTimeoutMs: FILL_MS });
  await recordOn(filler);
  await ensurePartitions(filler, Date.now(), DAYS);
  await filler.exec(`DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT oid::regclass FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
      EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = off)', name);
    END LOOP; END $$`);
  ({ db, ran } = noting(openServer({ url, log: SILENT })));
  await runAll();
  await runBackgroundStatements();
  await filler.exec('ANALYZE');
  early = await connect();
  await prepareAll(early);
  await fillTables(filler, TASKS);
  await filler.close();
}, FILL_MS);
afterAll(async () => {
  await early.end();
  await db.close();
  await server.stop();
});

async function runAll(): Promise<void> {
  const record = createTaskRecord(db, { failpoints: NO_FAILPOINTS, log: SILENT });
  await runEveryStatement(record);
  await runWorkflowStatements({ record, workflows: createWorkflowRecord(db) });
  const change = {
    org: 'a',
    taskId: '01900000-0000-7000-8000-000000000001',
    seq: 1,
    state: 'QUEUED',
  } as const;
  await createTaskTrails(db).readChanges([change]);
  const parts = { agents: createAgentRecord(db), operations: createOperationRecord(db) };
  const durations = createDurationRecord(db);
  await runOtherStatements({ ...parts, queues: createQueueRecord(db), durations });
}

/** Those that go through tables in rounds: a page of them is bounded, a round is not. */
async function runBackgroundStatements(): Promise<void> {
  const leadership = createLeadership(db);
  await leadership.hold('a', 1);
  await leadership.giveBack('a');
  const leaseClock = createLeaseClock(db);
  await leaseClock.beginLeasesAnew({ leaseMs: 60_000, assignedMs: 15_000, cancelGraceMs: 5_000 });
  await runWorkflowRounds({ workflows: createWorkflowRecord(db) });
  const retention = createRetentionRecord(db);
  await retention.forgetRequestIds(3_600_000, 100);
  await retention.dropTasks(null, { beforeMs: Date.now(), keepMs: 3_600_000, limit: 100 });
}

/** As the coordinator connects. */
async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, options: SESSION_OPTIONS });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Prepares every statement on a connection, and has it planned. */
async function prepareAll(client: pg.Client): Promise<Map<string, string>> {
  const plans = new Map<string, string>();
  for (const { statement, values } of ran.values()) {
    const name = client.escapeIdentifier(statement.name);
    await client.query(`PREPARE ${name} AS ${statement.text}`);
    plans.set(statement.name, await planOf(client, statement.name, values.length));
  }
  return plans;
}

/** Of the prepared statement: the generic plan goes by no value. */
async function planOf(client: pg.Client, name: string, values: number): Promise<string> {
  const nulls = values === 0 ? '' : `(${Array(values).fill('NULL').join()})`;
  const { rows } = await client.query(`EXPLAIN (COSTS OFF) EXECUTE ${client.escapeIdentifier(name)}${nulls}`);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

/** Why a plan grows with the tables. */
function weaknesses(plan: string): string[] {
  const scanned = [...plan.matchAll(/Seq Scan on (\w+)/g)].map(([, table]) => table ?? '');
  const found = scanned.filter((table) => LARGE.test(table)).map((table) => `reads all of ${table}`);
  return /Hash Join|Merge Join/.test(plan) ? [...found, 'joins whole tables'] : found;
}

test('every statement of the record was run', () => {
  const folders = [
    'tasks',
    'workflows',
    'agents',
    'operations',
    'queues',
    'durations',
    'leader',
    'retention',
  ];
  const files = folders.flatMap((folder) =>
    readdirSync(new URL(`../../src/postgres/${folder}/`, import.meta.url)).filter((f) => f.endsWith('.sql')),
  );
  expect([...ran.keys()].sort()).toEqual(files.map((file) => file.replace('.sql', '')).sort());
});

test('plans that were made before the tables grew are good for a million rows', async () => {
  for (const { statement, values } of ran.values()) {
    const plan = await planOf(early, statement.name, values.length);
    expect(weaknesses(plan), `${statement.name}\n${plan}`).toEqual([]);
  }
});

test('so are plans that are made now, by statistics from before', async () => {
  const late = await connect();
  for (const [name, plan] of await prepareAll(late)) expect(weaknesses(plan), `${name}\n${plan}`).toEqual([]);
  await late.end();
});

test('each statement touches its own rows only, every time', async () => {
  const before = await rowsRead();
  for (let i = 0; i < TIMES; i++) await runAll();
  // A connection that ends says what it has read.
  await db.close();
  const after = await rowsRead();
  for (const [table, rows] of after.all) {
    const read = rows - (before.all.get(table) ?? 0);
    expect(read, table).toBeLessThan(ROWS_PER_ROUND * TIMES);
  }
  expect(after.scanned).toBe(before.scanned);
});

/** Rows that were read so far of each table by an index, and of the large ones end to end. */
async function rowsRead() {
  const { rows } = await early.query(
    `SELECT relname AS name, coalesce(idx_tup_fetch, 0)::int + seq_tup_read::int AS read, seq_tup_read::int AS scanned
     FROM pg_stat_user_tables`,
  );
  const large = rows.filter(({ name }) => LARGE.test(name));
  return {
    all: new Map<string, number>(rows.map(({ name, read }) => [name, read])),
    scanned: large.reduce((sum, { scanned }) => sum + scanned, 0),
  };
}
