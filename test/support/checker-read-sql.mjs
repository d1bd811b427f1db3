// Reads the record of a stopped coordinator with plain SQL and prints it as JSON: a witness
// that shares no code with the product. `node checker-read-sql.mjs DATA_FOLDER`
import path from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { PGlite } from '@electric-sql/pglite';
import { TaskSpecSchema } from '@reeve/sdk/protocol';

const db = await PGlite.create(path.join(process.argv[2], 'pg18'));
const rows = async (sql) => (await db.query(sql)).rows;
const text = (bytes) => (bytes === null ? undefined : Buffer.from(bytes).toString('utf8'));

const tasks = await rows(`
  SELECT t.id, t.state, t.epoch::int, t.attempt, t.series, t.agent_id, s.body,
         s.labels ->> 'request' AS request_id, r.output
  FROM task t
  LEFT JOIN task_spec s ON s.org = t.org AND s.task_id = t.id
  LEFT JOIN task_result r ON r.org = t.org AND r.task_id = t.id AND r.epoch = t.epoch
                         AND r.outcome = 'SUCCEEDED'`);
const events = await rows(`
  SELECT task_id AS "taskId", seq, type, state, epoch::int, attempt, series, agent_id AS "agentId"
  FROM task_event`);
const results = await rows(`
  SELECT task_id AS "taskId", epoch::int, series, result_id AS "resultId", outcome FROM task_result`);
const requests = await rows('SELECT request_id AS "requestId", task_id AS "taskId" FROM request_id');
await db.close();

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
    output: row.output === null ? undefined : JSON.parse(text(row.output)),
  })),
  events,
  results,
  requests,
};
process.stdout.write(JSON.stringify(record));
