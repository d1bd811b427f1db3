// Reads the record with plain SQL and prints it as JSON: a witness that shares no code with the
// product. `node checker-read-sql.mjs DATA_FOLDER|POSTGRES_URL`; a folder is a stopped coordinator's.
import path from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { PGlite } from '@electric-sql/pglite';
import { TaskSpecSchema } from '@reeve/sdk/protocol';
import pg from 'pg';

const where = process.argv[2];
const db = await (where.startsWith('postgres:') ? connect(where) : PGlite.create(path.join(where, 'pg18')));
const rows = async (sql) => (await db.query(sql)).rows;
const text = (bytes) => (bytes === null ? undefined : Buffer.from(bytes).toString('utf8'));

const tasks = await rows(`
  SELECT t.id, t.state, t.epoch::int, t.attempt, t.series, t.agent_id, s.body, s.dependencies,
         s.labels ->> 'request' AS request_id, r.output
  FROM task t
  LEFT JOIN task_spec s ON s.org = t.org AND s.task_id = t.id
  LEFT JOIN task_result r ON r.org = t.org AND r.task_id = t.id AND r.epoch = t.epoch
                         AND r.outcome = 'SUCCEEDED'`);
const events = await rows(`
  SELECT task_id AS "taskId", seq, type, state, epoch::int, attempt, series, agent_id AS "agentId",
         (extract(epoch FROM event_time) * 1000)::float8 AS "eventTime"
  FROM task_trail`);
const results = await rows(`
  SELECT task_id AS "taskId", epoch::int, series, result_id AS "resultId", outcome FROM task_result`);
const requests = await rows('SELECT request_id AS "requestId", task_id AS "taskId" FROM request_id');
const edges = await rows('SELECT task_id AS "taskId", upstream_id AS "upstreamId", state FROM task_edge');
await (db instanceof pg.Client ? db.end() : db.close());

const record = {
  tasks: tasks.map((row) => ({
    taskId: row.id,
    state: row.state,
    epoch: row.epoch,
    attempt: row.attempt,
    series: row.series,
    agentId: row.agent_id,
    requestId: row.request_id,
    // A task without its spec has no body, which is not what was submitted.
    body: row.body === null ? '' : (text(fromBinary(TaskSpecSchema, row.body).input?.content.value) ?? ''),
    dependencies: row.dependencies ?? [],
    output: row.output === null ? undefined : JSON.parse(text(row.output)),
  })),
  events,
  results,
  requests,
  edges,
};
process.stdout.write(JSON.stringify(record));

async function connect(connectionString) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}
