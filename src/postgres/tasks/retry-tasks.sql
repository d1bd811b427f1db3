-- Begins the attempts of ended tasks anew. One row an input: OK with what the index needs,
-- REFUSED or MISSING.
--   $1 text[] org      $2 uuid[] task id
--   $3 text[] reason   $4 text[] actor
--   $5 text[] states that allow it
WITH locked AS MATERIALIZED (
  SELECT i.*, t.state, t.epoch, coalesce(t.state = ANY ($5::text[]), false) AS allowed
  FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[])
    WITH ORDINALITY AS i (org, id, cause, actor, n)
  LEFT JOIN LATERAL (
    SELECT state, epoch FROM task WHERE task.org = i.org AND task.id = i.id
    FOR UPDATE SKIP LOCKED
  ) AS t ON true
),
changed AS (
  UPDATE task SET state = 'QUEUED', open = true, seq = task.seq + 1, series = task.series + 1, attempt = 0,
    deliveries = 0, finish_time = NULL, reason = l.cause
  FROM locked AS l
  WHERE task.org = l.org AND task.id = l.id AND l.allowed
  RETURNING l.n, l.actor, task.*
),
new_event AS (
  INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries, actor, reason)
  SELECT org, id, seq, 'RETRIED', state, epoch, series, attempt, deliveries, actor, reason FROM changed
)
SELECT c.n::int AS n, 'OK' AS kind, c.state, c.epoch, c.seq, c.agent_id, c.run_time, c.band, c.tier, c.score,
  s.kind AS kind_of_task, s.requirements
FROM changed AS c JOIN task_spec AS s ON s.org = c.org AND s.task_id = c.id
UNION ALL
SELECT n::int, CASE WHEN state IS NULL THEN 'MISSING' ELSE 'REFUSED' END, state, epoch, NULL, NULL, NULL, NULL, NULL,
  NULL, NULL, NULL
FROM locked WHERE NOT allowed
