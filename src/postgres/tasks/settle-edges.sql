-- Brings the dependents of tasks up to how these are: what has ended settles its edges, what is open
-- again blocks who was skipped because of it. For chains, one step after the other, and for what a
-- crash cut off. One row an input: OK, MISSING, or LATER if a dependent that it would block again is
-- moved by another input, for one statement changes a row once; and one for each dependent that moved on.
--   $1 text[] org      $2 uuid[] task id    $3 text[] terminal states
WITH locked AS MATERIALIZED (
  SELECT i.*, t.state, t.epoch, t.seq, t.reason
  FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS i (org, id, n)
  LEFT JOIN LATERAL (
    SELECT state, epoch, seq, reason FROM task WHERE task.org = i.org AND task.id = i.id
    FOR UPDATE SKIP LOCKED
  ) AS t ON true
),
ended AS (
  SELECT n, org, id, state, reason FROM locked WHERE state = ANY ($3::text[])
),
waiting AS MATERIALIZED (
  SELECT n, org, id, EXISTS (
    SELECT FROM task_edge AS e
    JOIN task_edge AS other ON other.org = e.org AND other.task_id = e.task_id AND other.state = 'open'
    JOIN ended AS u ON u.org = other.org AND u.id = other.upstream_id
    WHERE e.org = l.org AND e.upstream_id = l.id AND e.state = 'broken'
  ) AS later
  -- One that has succeeded meanwhile was open again too, whoever was skipped because of it.
  FROM locked AS l WHERE NOT state = ANY ($3::text[]) OR state = 'SUCCEEDED'
),
revived AS (
  SELECT n, org, id FROM waiting WHERE NOT later
),
-- include ./parts/settle-edges.sql
,
-- include ./parts/reopen-edges.sql
SELECT n::int AS n,
  CASE
    WHEN state IS NULL THEN 'MISSING'
    WHEN n IN (SELECT n FROM waiting WHERE later) THEN 'LATER'
    ELSE 'OK'
  END AS kind, state, epoch, seq, NULL AS agent_id,
  NULL::timestamptz AS run_time, NULL AS band, NULL AS tier, NULL::bigint AS score, NULL AS kind_of_task, NULL::jsonb AS requirements,
  NULL::uuid AS dependent_id, NULL::uuid AS workflow_id
FROM locked
UNION ALL
-- include ./parts/advanced-rows.sql
UNION ALL
-- include ./parts/reblocked-rows.sql
