-- Takes back claims that never began, the attempt with them. One row an input: OK with what
-- the index needs if the task is QUEUED again, REFUSED or MISSING; and one for each dependent
-- that moved on.
--   $1 text[] org                       $2 uuid[] task id    $3 bigint[] epoch
--   $4 text[] agent id, null: any       $5 text[] to state   $6 text[] reason
--   $7 text[] states that allow it      $8 text[] terminal states
WITH locked AS MATERIALIZED (
  SELECT i.*, t.state, t.epoch,
    coalesce(t.state = ANY ($7::text[]) AND t.epoch = i.claim_epoch
      AND t.agent_id = coalesce(i.agent_id, t.agent_id), false) AS allowed
  FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[])
    WITH ORDINALITY AS i (org, id, claim_epoch, agent_id, to_state, cause, n)
  LEFT JOIN LATERAL (
    SELECT state, epoch, agent_id FROM task WHERE task.org = i.org AND task.id = i.id
-- include ./parts/as-read.sql
    FOR UPDATE SKIP LOCKED
  ) AS t ON true
),
changed AS (
  UPDATE task SET state = l.to_state, open = NOT l.to_state = ANY ($8::text[]), seq = task.seq + 1,
    attempt = task.attempt - 1, lease_expires_at = NULL, attempt_deadline = NULL,
    finish_time = CASE WHEN l.to_state = ANY ($8::text[]) THEN now() END,
    reason = CASE l.to_state WHEN 'DEAD_LETTER' THEN 'UNDELIVERABLE' ELSE l.cause END
  FROM locked AS l
  WHERE task.org = l.org AND task.id = l.id AND l.allowed
  RETURNING l.n, l.cause, task.*
),
new_event AS (
  INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries, agent_id, reason, detail)
  SELECT org, id, seq, 'RETURNED', state, epoch, series, attempt, deliveries, agent_id, reason,
    CASE WHEN reason <> cause THEN jsonb_build_object('cause', cause) END
  FROM changed
),
ended AS (
  SELECT n, org, id, state, reason FROM changed WHERE NOT open
),
-- include ./parts/settle-edges.sql
SELECT c.n::int AS n, 'OK' AS kind, c.state, c.epoch, c.seq, c.agent_id, c.run_time, c.band, c.tier, c.score,
  s.kind AS kind_of_task, s.requirements, NULL::uuid AS dependent_id, c.workflow_id
FROM changed AS c
LEFT JOIN LATERAL (
  SELECT kind, requirements FROM task_spec
  WHERE task_spec.org = c.org AND task_spec.task_id = c.id AND c.state = 'QUEUED'
  LIMIT 1
) AS s ON true
UNION ALL
-- include ./parts/advanced-rows.sql
UNION ALL
SELECT n::int, CASE WHEN state IS NULL THEN 'MISSING' ELSE 'REFUSED' END, state, epoch, NULL, NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL, NULL
FROM locked WHERE NOT allowed
