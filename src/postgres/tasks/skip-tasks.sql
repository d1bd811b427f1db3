-- Ends tasks that are QUEUED and not to be done after all, if they are as they were read. One row an input: OK,
-- CHANGED_SINCE, REFUSED or MISSING; and one for each dependent that moved on.
--   $1 text[] org       $2 uuid[] task id    $3 bigint[] seq that was read
--   $4 text[] reason    $5 text[] detail of the event (JSON) or null
--   $6 text[] states that allow it
WITH locked AS MATERIALIZED (
  SELECT i.*, t.state, t.epoch, coalesce(t.state = ANY ($6::text[]), false) AS allowed, t.seq = i.known_seq AS same
  FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::text[])
    WITH ORDINALITY AS i (org, id, known_seq, cause, detail, n)
  LEFT JOIN LATERAL (
    SELECT state, epoch, seq FROM task WHERE task.org = i.org AND task.id = i.id
-- include ./parts/as-read.sql
    FOR UPDATE SKIP LOCKED
  ) AS t ON true
),
changed AS (
  UPDATE task SET state = 'SKIPPED', open = false, seq = task.seq + 1, finish_time = now(), reason = l.cause
  FROM locked AS l
  WHERE task.org = l.org AND task.id = l.id AND l.allowed AND l.same
  RETURNING l.n, l.detail, task.*
),
new_event AS (
  INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries, reason, detail)
  SELECT org, id, seq, 'SKIPPED', state, epoch, series, attempt, deliveries, reason, detail::jsonb FROM changed
),
ended AS (
  SELECT n, org, id, state, reason FROM changed
),
-- include ./parts/settle-edges.sql
SELECT n::int AS n, 'OK' AS kind, state, epoch, seq, agent_id, run_time, band, tier, score,
  NULL AS kind_of_task, NULL::jsonb AS requirements, NULL::uuid AS dependent_id, workflow_id
FROM changed
UNION ALL
-- include ./parts/advanced-rows.sql
UNION ALL
SELECT n::int,
  CASE WHEN state IS NULL THEN 'MISSING' WHEN allowed THEN 'CHANGED_SINCE' ELSE 'REFUSED' END,
  state, epoch, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM locked WHERE NOT (allowed AND same) OR state IS NULL
