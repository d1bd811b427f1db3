-- Queues SCHEDULED tasks that are due on this clock. One row an input: OK with what the
-- index needs, NOT_DUE with what remains, REFUSED or MISSING.
--   $1 text[] org      $2 uuid[] task id
--   $3 text[] states that allow it
WITH locked AS MATERIALIZED (
  SELECT i.*, t.state, t.epoch, t.run_time, coalesce(t.state = ANY ($3::text[]), false) AS current,
    coalesce(t.state = ANY ($3::text[]) AND t.run_time <= now(), false) AS allowed
  FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS i (org, id, n)
  LEFT JOIN LATERAL (
    SELECT state, epoch, run_time FROM task WHERE task.org = i.org AND task.id = i.id
-- include ./parts/as-read.sql
    FOR UPDATE SKIP LOCKED
  ) AS t ON true
),
changed AS (
  UPDATE task SET state = 'QUEUED', seq = task.seq + 1, run_time = NULL,
    runnable_time = coalesce(task.runnable_time, task.run_time)
  FROM locked AS l
  WHERE task.org = l.org AND task.id = l.id AND l.allowed
  RETURNING l.n, task.*
),
new_event AS (
  INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries, reason, detail)
  SELECT org, id, seq, 'QUEUED', state, epoch, series, attempt, deliveries, reason, jsonb_build_object('score', score)
  FROM changed
)
SELECT c.n::int AS n, 'OK' AS kind, c.state, c.epoch, c.seq, c.agent_id, c.run_time, c.band, c.tier, c.score,
  s.kind AS kind_of_task, s.requirements, NULL::bigint AS remaining_ms
FROM changed AS c JOIN task_spec AS s ON s.org = c.org AND s.task_id = c.id
UNION ALL
SELECT n::int,
  CASE WHEN state IS NULL THEN 'MISSING' WHEN current THEN 'NOT_DUE' ELSE 'REFUSED' END,
  state, epoch, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  ceil(greatest(extract(epoch FROM run_time - now()) * 1000, 1))::bigint
FROM locked WHERE NOT allowed
