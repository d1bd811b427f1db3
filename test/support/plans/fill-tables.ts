import type { Database } from '../../../src/postgres/database.js';

/** Rows of one organisation, all of today, most of them ended. */
export async function fillTables(db: Database, tasks: number): Promise<void> {
  const id = `(lpad(to_hex(${Date.now()}), 12, '0') || '7000' || '8' || lpad(to_hex(i), 15, '0'))::uuid`;
  const from = `FROM generate_series(1, ${tasks}) AS i`;
  const fills = {
    task: `INSERT INTO task (org, id, state, open, tier, band, score, seq, create_time, finish_time)
      SELECT 'full', ${id}, CASE WHEN i % 5 = 0 THEN 'QUEUED' ELSE 'SUCCEEDED' END, i % 5 = 0, 'NORMAL', 'OTHER', i, 1,
        now(), CASE WHEN i % 5 <> 0 THEN now() END ${from}`,
    task_spec: `INSERT INTO task_spec
        (org, task_id, kind, tier, source, submitter_subject_id, labels, requirements, retry, body)
      SELECT 'full', ${id}, 'x', 'NORMAL', 'AUTOMATED', 'a', '{}', '{}', '{}', '' ${from}`,
    task_result: `INSERT INTO task_result
        (org, task_id, epoch, series, attempt, result_id, agent_id, outcome, create_time, summary)
      SELECT 'full', ${id}, 1, 0, 1, ${id}, 'a', 'SUCCEEDED', now(), '' ${from}`,
    task_event: `INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries)
      SELECT 'full', ${id}, 1, 'SUBMITTED', 'QUEUED', 0, 0, 0, 0 ${from}`,
    // A few wait, in a table of many that are over.
    task_approval: `INSERT INTO task_approval
        (org, task_id, reason, policy_id, policy_version, create_time, due_time, default_verdict, open)
      SELECT 'full', ${id}, '', 'p', 1, now(), now() + interval '1 day', 'REJECT', i % 500 = 0 ${from}`,
    request_id: `INSERT INTO request_id (org, request_id, body_hash, task_id)
      SELECT 'full', lpad(i::text, 9, '0'), '', ${id} ${from}`,
  };
  await Promise.all(
    Object.entries(fills).map(([name, text]) => db.write({ name: `fill-${name}`, text }, [])),
  );
}
