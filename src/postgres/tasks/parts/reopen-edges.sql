-- What it means for those that depend on tasks that these are open again. From `revived` (n, org,
-- id): who was skipped because of them is BLOCKED again, once no other upstream stands against it. Gives
-- `reblocked`, one row a dependent.
skipped AS MATERIALIZED (
  SELECT d.*, b.broken
  FROM (
    SELECT max(u.n) AS n, e.org, e.task_id AS id, count(*)::int AS reopened
    FROM revived AS u
    CROSS JOIN LATERAL (
      SELECT org, task_id FROM task_edge
      WHERE task_edge.org = u.org AND task_edge.upstream_id = u.id AND task_edge.state = 'broken'
    ) AS e
    GROUP BY e.org, e.task_id ORDER BY e.org, e.task_id
  ) AS d
  CROSS JOIN LATERAL (
    SELECT state, reason FROM task WHERE task.org = d.org AND task.id = d.id
    FOR UPDATE
  ) AS t
  CROSS JOIN LATERAL (
    SELECT count(*)::int AS broken FROM task_edge
    WHERE task_edge.org = d.org AND task_edge.task_id = d.id AND task_edge.state = 'broken'
  ) AS b
  WHERE t.state = 'SKIPPED' AND t.reason = 'UPSTREAM_FAILED'
),
reopened_edge AS (
  UPDATE task_edge AS e SET state = 'open'
  FROM skipped AS d JOIN revived AS u ON u.org = d.org
  WHERE e.org = d.org AND e.task_id = d.id AND e.upstream_id = u.id AND e.state = 'broken'
),
reblocked AS (
  UPDATE task SET pending = task.pending + d.reopened,
    state = CASE WHEN d.broken = d.reopened THEN 'BLOCKED' ELSE task.state END,
    open = d.broken = d.reopened,
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
