-- Ends tasks whose deadline has passed on this clock, in whichever state they are. One row an input:
-- OK, NOT_DUE with what remains, REFUSED (ended, or without a deadline) or MISSING; and one for each
-- dependent that moved on.
--   $1 text[] org      $2 uuid[] task id    $3 text[] states that allow it
WITH locked AS MATERIALIZED (
  SELECT i.*, t.state, t.epoch, t.deadline, coalesce(t.state = ANY ($3::text[]) AND t.deadline IS NOT NULL, false) AS current,
    coalesce(t.state = ANY ($3::text[]) AND t.deadline <= now(), false) AS allowed
  FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS i (org, id, n)
  LEFT JOIN LATERAL (
    SELECT state, epoch, deadline FROM task WHERE task.org = i.org AND task.id = i.id
-- include ./parts/as-read.sql
    FOR UPDATE SKIP LOCKED
  ) AS t ON true
),
changed AS (
  UPDATE task SET state = 'TIMED_OUT', open = false, seq = task.seq + 1, run_time = NULL, lease_expires_at = NULL,
    attempt_deadline = NULL, finish_time = now(), reason = 'DEADLINE_PASSED'
  FROM locked AS l
  WHERE task.org = l.org AND task.id = l.id AND l.allowed
  RETURNING l.n, l.state AS before, task.*
),
new_event AS (
  INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries, agent_id, reason, detail)
  SELECT org, id, seq, 'DEADLINE_PASSED', state, epoch, series, attempt, deliveries, agent_id, reason,
    jsonb_build_object('deadline', deadline, 'was', before)
  FROM changed
),
ended AS (
  SELECT n, org, id, state, reason FROM changed
),
-- include ./parts/close-approvals.sql
-- include ./parts/settle-edges.sql
SELECT n::int AS n, 'OK' AS kind, state, epoch, seq, agent_id, run_time, band, tier, score, NULL AS kind_of_task,
  NULL::jsonb AS requirements, NULL::uuid AS dependent_id, workflow_id, NULL::bigint AS remaining_ms
FROM changed
UNION ALL
SELECT a.*, NULL FROM (
-- include ./parts/advanced-rows.sql
) AS a
UNION ALL
SELECT n::int,
  CASE WHEN state IS NULL THEN 'MISSING' WHEN current THEN 'NOT_DUE' ELSE 'REFUSED' END,
  state, epoch, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  ceil(greatest(extract(epoch FROM deadline - now()) * 1000, 1))::bigint
FROM locked WHERE NOT allowed
