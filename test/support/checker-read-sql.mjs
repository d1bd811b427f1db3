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
// A task may have no input, and no output.
const text = (bytes) => (bytes ? Buffer.from(bytes).toString('utf8') : undefined);

const tasks = await rows(`
  SELECT t.id, t.state, t.epoch::int, t.attempt, t.series, t.agent_id, s.body, s.dependencies,
         s.labels ->> 'request' AS request_id, r.output, t.workflow_id, t.workflow_node, t.workflow_run,
         t.workflow_item, s.workflow_group, s.workflow_task
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
const workflows = await rows(`
  SELECT w.id, w.state, s.request_id FROM workflow w
  LEFT JOIN workflow_spec s ON s.org = w.org AND s.workflow_id = w.id`);
const nodes = await rows(`
  SELECT n.workflow_id, n.node, n.state, n.run, n.total, n.submitted,
         n.succeeded + coalesce(sum(e.delta) FILTER (WHERE e.succeeded), 0)::int AS succeeded,
         n.failed + coalesce(sum(e.delta) FILTER (WHERE NOT e.succeeded), 0)::int AS failed
  FROM workflow_node n
  LEFT JOIN workflow_settled e ON e.org = n.org AND e.workflow_id = n.workflow_id AND e.node = n.node AND e.run = n.run
  GROUP BY n.org, n.workflow_id, n.node ORDER BY n.node`);
const context = await rows(`
  SELECT DISTINCT ON (workflow_id, path) workflow_id, path, value FROM workflow_context
  ORDER BY workflow_id, path, version DESC`);
const seqs = await rows('SELECT workflow_id, seq FROM workflow_event ORDER BY seq');
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
    workflowId: row.workflow_id ?? undefined,
    place: row.workflow_id === null ? undefined : placeOf(row),
  })),
  events,
  results,
  requests,
  edges,
  workflows: workflowsOf(),
};
process.stdout.write(JSON.stringify(record));

function placeOf({
  workflow_node: node,
  workflow_run: run,
  workflow_item: item,
  workflow_group,
  workflow_task,
}) {
  return { node, run, item, address: `${workflow_group}.${workflow_task}` };
}

function workflowsOf() {
  const nodesOf = byWorkflow(nodes);
  const contextOf = byWorkflow(context);
  const seqsOf = byWorkflow(seqs);
  return workflows.map(({ id, state, request_id: requestId }) => ({
    ...{ workflowId: id, requestId, state },
    nodes: (nodesOf.get(id) ?? []).map(({ workflow_id: _, ...node }) => node),
    context: Object.fromEntries((contextOf.get(id) ?? []).map(({ path: at, value }) => [at, value])),
    seqs: (seqsOf.get(id) ?? []).map(({ seq }) => seq),
  }));
}

function byWorkflow(all) {
  const groups = new Map();
  for (const row of all) {
    const group = groups.get(row.workflow_id);
    if (group) group.push(row);
    else groups.set(row.workflow_id, [row]);
  }
  return groups;
}

async function connect(connectionString) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}
