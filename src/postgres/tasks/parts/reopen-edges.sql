-- What it means for those that depend on tasks that these are open again. From `revived` (n, org,
-- id): who was skipped because of them is BLOCKED again, once no other upstream stands against it. Gives
-- `reblocked`, one row a dependent.
broken_dependent AS MATERIALIZED (
  SELECT max(u.n) AS n, e.org, e.task_id AS id
  FROM revived AS u
  CROSS JOIN LATERAL (
    SELECT org, task_id FROM task_edge
    WHERE task_edge.org = u.org AND task_edge.upstream_id = u.id AND task_edge.state = 'broken'
  ) AS e
  GROUP BY e.org, e.task_id ORDER BY e.org, e.task_id
),
-- All edges of these, locked to see them as they are now: other upstreams may have ended, or be open again, since
-- this statement began. Before the dependents, as whoever ends a task does it.
stand AS MATERIALIZED (
  SELECT d.n, d.org, d.id, e.upstream_id, e.state = 'broken' AS broken, u.id IS NOT NULL AS revived
  FROM broken_dependent AS d
  CROSS JOIN LATERAL (
    SELECT upstream_id, state FROM task_edge WHERE task_edge.org = d.org AND task_edge.task_id = d.id
    ORDER BY upstream_id
    FOR UPDATE
  ) AS e
  LEFT JOIN revived AS u ON u.org = d.org AND u.id = e.upstream_id
),
skipped AS MATERIALIZED (
  SELECT d.*
  FROM (
    SELECT n, org, id, (count(*) FILTER (WHERE broken))::int AS broken,
      (count(*) FILTER (WHERE broken AND revived))::int AS reopened
    FROM stand GROUP BY n, org, id ORDER BY org, id
  ) AS d
  CROSS JOIN LATERAL (
    SELECT state, reason FROM task WHERE task.org = d.org AND task.id = d.id
    FOR UPDATE
  ) AS t
  WHERE d.reopened > 0 AND t.state = 'SKIPPED' AND t.reason = 'UPSTREAM_FAILED'
),
reopened_edge AS (
  UPDATE task_edge AS e SET state = 'open'
  FROM skipped AS d JOIN stand AS s ON s.org = d.org AND s.id = d.id
  WHERE e.org = d.org AND e.task_id = d.id AND e.upstream_id = s.upstream_id AND s.broken AND s.revived
),
reblocked AS (
  UPDATE task SET pending = task.pending + d.reopened,
    state = CASE WHEN d.broken = d.reopened THEN 'BLOCKED' ELSE task.state END,
    open = d.broken = d.reopened OR task.open,
    seq = task.seq + CASE WHEN d.broken = d.reopened THEN 1 ELSE 0 END,
    finish_time = CASE WHEN d.broken = d.reopened THEN NULL ELSE task.finish_time END,
    reason = CASE WHEN d.broken = d.reopened THEN '' ELSE task.reason END
  FROM skipped AS d
  WHERE task.org = d.org AND task.id = d.id
  RETURNING d.n, task.*
),
reblocked_event AS (
  INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries)
  SELECT org, id, seq, 'BLOCKED', state, epoch, series, attempt, deliveries FROM reblocked WHERE open
)
