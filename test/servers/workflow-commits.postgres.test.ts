import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NewWorkflowEvent } from '../../src/domain/workflows/workflow.js';
import type { Database } from '../../src/postgres/database.js';
import { openServer } from '../../src/postgres/drivers/server.js';
import { createWorkflowRecord } from '../../src/postgres/workflows/workflow-record.js';
import { createWorkflowWorld, type WorkflowWorld, write } from '../conformance/workflow-record-world.js';
import { recordOn, SILENT } from '../support/pglite-record.js';
import { type PostgresServer, startPostgres } from '../support/servers/postgres-server.js';

const COORDINATORS = 4;
const ROUNDS = 25;

let server: PostgresServer;
let close: () => Promise<void>;
let world: WorkflowWorld;
let holder: Database;
/** The same record, as several coordinators reach it. */
const others: Database[] = [];

beforeAll(async () => {
  server = await startPostgres();
  const url = await server.createDatabase();
  const opened = await recordOn(openServer({ url, log: SILENT }));
  close = opened.close;
  world = createWorkflowWorld(opened);
  holder = openServer({ url, log: SILENT });
  for (let i = 0; i < COORDINATORS; i++) others.push(openServer({ url, log: SILENT }));
});
afterAll(async () => {
  for (const db of [holder, ...others]) await db.close();
  await close();
  await server.stop();
});

const EVENT: NewWorkflowEvent = {
  ...{ type: 'NODE_READY', node: 1, nodeState: 'RUNNING', reason: '', actor: '' },
  detail: {},
};

const HOLD = { name: 'hold-workflow', text: 'SELECT FROM workflow WHERE id = $1::uuid FOR UPDATE' };
const WAITING = {
  name: 'count-waiting',
  text: "SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%workflow%'",
};

/** Makes calls wait for a workflow's row until all do, then lets them go on. */
async function atOnce<T>(workflowId: string, call: () => readonly Promise<T>[]): Promise<readonly T[]> {
  let calls: readonly Promise<T>[] = [];
  await holder.transaction(async (connection) => {
    await connection.run(HOLD, [workflowId]);
    calls = call();
    const until = Date.now() + 20_000;
    for (let waiting = 0; waiting < calls.length; ) {
      if (Date.now() > until) throw new Error(`${waiting} of ${calls.length} calls wait for the workflow`);
      [{ waiting } = { waiting: 0 }] = await holder.read<{ waiting: number }>(WAITING, []);
    }
  });
  return Promise.all(calls);
}

test('of several coordinators that decide by the same, one is taken, and no end is lost', async () => {
  const w = world;
  const records = others.map(createWorkflowRecord);
  let workflow = await w.asleep();
  const ids = await Promise.all(
    Array.from({ length: 3 * ROUNDS }, (_, i) => w.submitItem(workflow, { item: i + 1 })),
  );
  for (let round = 0; round < ROUNDS; round++) {
    const { org, workflowId, version } = workflow;
    const commit = { org, workflowId, version, nodes: [{ node: 1, submitted: round }], events: [EVENT] };
    const [outcomes] = await Promise.all([
      atOnce(workflowId, () =>
        records.map((record, i) => record.commit({ ...commit, context: [write('a', `${round} ${i}`)] })),
      ),
      ...ids.slice(3 * round, 3 * round + 3).map((taskId) => w.cancel(taskId)),
    ]);
    const taken = outcomes.flatMap((outcome) => (outcome.kind === 'OK' ? [outcome.workflow] : []));
    expect(taken).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === 'CHANGED_SINCE')).toHaveLength(COORDINATORS - 1);
    workflow = taken[0] ?? workflow;
  }
  // Looks that decide nothing all count, at once.
  const { org, workflowId, version } = workflow;
  const look = { org, workflowId, version, nodes: [], context: [], events: [] };
  await atOnce(workflowId, () => records.map((record) => record.commit(look)));
  await w.expectCounts(workflow, 0, 3 * ROUNDS);
  expect(await w.isDue(workflow)).toBe(false);
  const trail = await w.workflows.listEvents(workflow, 0, 1_000);
  expect(trail.map(({ seq }) => seq)).toEqual(trail.map((_, i) => i + 1));
  expect(trail).toHaveLength(workflow.seq);
  expect((await w.workflows.readContext(workflow, null))[0]?.version).toBe(ROUNDS);
});

test('of several that start what has one name, one does', async () => {
  const request = { requestId: 'once', bodyHash: new Uint8Array(32) };
  const outcomes = await Promise.all(
    others.map((db) => createWorkflowRecord(db).start(world.newWorkflow({ request }))),
  );
  expect(outcomes.map(({ kind }) => kind).sort()).toEqual([
    ...Array.from({ length: COORDINATORS - 1 }, () => 'ALREADY_STARTED'),
    'STARTED',
  ]);
});
