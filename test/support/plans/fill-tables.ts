import type { Database } from '../../../src/postgres/database.js';

/** Rows of one organisation, all of today, most of them ended. */
export async function fillTables(db: Database, tasks: number): Promise<void> {
  const idOf = (n: string) =>
    `(lpad(to_hex(${Date.now()}), 12, '0') || '7000' || '8' || lpad(to_hex(${n}), 15, '0'))::uuid`;
  const id = idOf('i');
  // Two of ten are part of workflows, of 200 tasks each; every other workflow is over.
  const workflowId = idOf('i - i % 1000');
  const part = (value: string) => `CASE WHEN i % 10 < 2 THEN ${value} END`;
  const ofWorkflows = `FROM generate_series(0, ${tasks}, 1000) AS i`;
  const isOpen = 'i % 2000 = 0';
  const from = `FROM generate_series(1, ${tasks}) AS i`;
  const fills = {
    task: `INSERT INTO task (org, id, state, open, tier, band, score, seq, create_time, finish_time,
        workflow_id, workflow_node, workflow_run, workflow_item)
      SELECT 'full', ${id}, CASE WHEN i % 5 = 0 THEN 'QUEUED' ELSE 'SUCCEEDED' END, i % 5 = 0, 'NORMAL', 'OTHER', i, 1,
        now(), CASE WHEN i % 5 <> 0 THEN now() END,
        ${part(workflowId)}, ${part('1')}, ${part('1')}, ${part('i % 1000')} ${from}`,
    task_spec: `INSERT INTO task_spec
        (org, task_id, kind, tier, source, submitter_subject_id, labels, requirements, retry, body)
      SELECT 'full', ${id}, 'x', 'NORMAL', 'AUTOMATED', 'a', '{}', '{}', '{}', '' ${from}`,
    task_result: `INSERT INTO task_result
        (org, task_id, epoch, series, attempt, result_id, agent_id, outcome, create_time, summary)
      SELECT 'full', ${id}, 1, 0, 1, ${id}, 'a', 'SUCCEEDED', now(), '' ${from}`,
    task_event: `INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries)
      SELECT 'full', ${id}, 1, 'SUBMITTED', 'QUEUED', 0, 0, 0, 0 ${from}`,
    task_checkpoint: `INSERT INTO task_checkpoint (org, task_id, epoch, attempt, media_type, data, update_time)
      SELECT 'full', ${id}, 1, 1, 'application/json', '{}', now() ${from} WHERE i % 10 = 0`,
    // A few wait, in a table of many that are over.
    task_approval: `INSERT INTO task_approval
        (org, task_id, reason, policy_id, policy_version, create_time, due_time, default_verdict, open)
      SELECT 'full', ${id}, '', 'p', 1, now(), now() + interval '1 day', 'REJECT', i % 500 = 0 ${from}`,
    request_id: `INSERT INTO request_id (org, request_id, body_hash, task_id)
      SELECT 'full', lpad(i::text, 9, '0'), '', ${id} ${from}`,
    workflow: `INSERT INTO workflow
        (org, id, state, open, version, seq, run, context_version, parts, create_time, finish_time, wake_time)
      SELECT 'full', ${id}, CASE WHEN ${isOpen} THEN 'PROCESSING' ELSE 'FAILED' END, ${isOpen}, 1, 1, 1, 100, 100, now(),
        CASE WHEN NOT ${isOpen} THEN now() END, CASE WHEN ${isOpen} THEN now() + interval '1 day' END ${ofWorkflows}`,
    workflow_spec: `INSERT INTO workflow_spec (org, workflow_id, name, labels, submitter_subject_id, spec)
      SELECT 'full', ${id}, 'x', '{}', 'a', '{}' ${ofWorkflows}`,
    workflow_node: `INSERT INTO workflow_node (org, workflow_id, node, state)
      SELECT 'full', ${id}, node, 'RUNNING' ${ofWorkflows} CROSS JOIN generate_series(0, 9) AS node`,
    workflow_context: `INSERT INTO workflow_context (org, workflow_id, path, version, value)
      SELECT 'full', ${id}, 'path', version, '1' ${ofWorkflows} CROSS JOIN generate_series(1, 100) AS version`,
    workflow_event: `INSERT INTO workflow_event (org, workflow_id, seq, type, state, detail)
      SELECT 'full', ${id}, seq, 'NODE_READY', 'PROCESSING', '{}' ${ofWorkflows} CROSS JOIN generate_series(1, 10) AS seq`,
  };
  await Promise.all(
    Object.entries(fills).map(([name, text]) => db.write({ name: `fill-${name}`, text }, [])),
  );
}
