-- Cancels waiting tasks and asks for the end of leased ones. One row an input: OK (changed or
-- not, if it was asked for before), REFUSED or MISSING; and one for each dependent that moved on.
--   $1 text[] org      $2 uuid[] task id    $3 bigint[] grace in ms
--   $4 text[] reason   $5 text[] actor
--   $6 text[] waiting states that allow CANCELLED
--   $7 text[] states that allow CANCEL_REQUESTED
--   $8 int[] the series that is meant, or null: whichever; another one is REFUSED
WITH locked AS MATERIALIZED (
  SELECT i.*, t.state, t.epoch, t.seq, t.agent_id,
    CASE
      WHEN i.meant <> t.series THEN NULL
      WHEN t.state = ANY ($6::text[]) THEN 'CANCELLED'
      WHEN t.state = ANY ($7::text[]) THEN 'CANCELLING'
    END AS to_state
  FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $8::int[])
    WITH ORDINALITY AS i (org, id, grace_ms, cause, actor, meant, n)
  LEFT JOIN LATERAL (
    SELECT state, epoch, seq, series, agent_id FROM task WHERE task.org = i.org AND task.id = i.id
-- include ./parts/as-read.sql
    FOR UPDATE SKIP LOCKED
  ) AS t ON true
),
changed AS (
  UPDATE task SET state = l.to_state, open = l.to_state = 'CANCELLING', seq = task.seq + 1,
    lease_expires_at = CASE l.to_state WHEN 'CANCELLING'
      THEN least(task.lease_expires_at, now() + l.grace_ms * interval '1 ms') END,
    run_time = NULL,
    finish_time = CASE l.to_state WHEN 'CANCELLED' THEN now() END,
    reason = l.cause
  FROM locked AS l
  WHERE task.org = l.org AND task.id = l.id AND l.to_state IS NOT NULL
  RETURNING l.n, l.actor, l.state AS before, task.*
),
new_event AS (
  INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries, agent_id, actor, reason)
  SELECT org, id, seq, CASE state WHEN 'CANCELLING' THEN 'CANCEL_REQUESTED' ELSE 'CANCELLED' END, state, epoch,
    series, attempt, deliveries, CASE state WHEN 'CANCELLING' THEN agent_id END, actor, reason
  FROM changed
),
ended AS (
  SELECT n, org, id, state, reason FROM changed WHERE NOT open
),
-- include ./parts/close-approvals.sql
-- include ./parts/settle-edges.sql
SELECT n::int AS n, 'OK' AS kind, state, epoch, seq, CASE state WHEN 'CANCELLING' THEN agent_id END AS agent_id, run_time,
  band, tier, score, NULL AS kind_of_task, NULL::jsonb AS requirements, NULL::uuid AS dependent_id, workflow_id, true AS changed
FROM changed
UNION ALL
SELECT a.*, true FROM (
-- include ./parts/advanced-rows.sql
) AS a
UNION ALL
SELECT n::int,
  CASE WHEN state IS NULL THEN 'MISSING' WHEN state IN ('CANCELLING', 'CANCELLED') THEN 'OK' ELSE 'REFUSED' END,
  state, epoch, seq, CASE state WHEN 'CANCELLING' THEN agent_id END, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false
FROM locked WHERE to_state IS NULL
