-- Sets or ends the routes of tasks that are QUEUED, if they are as they were read. One row an input: OK with
-- what the index needs, CHANGED_SINCE, REFUSED or MISSING.
--   $1 text[] org                     $2 uuid[] task id     $3 bigint[] seq that was read
--   $4 text[] route (JSON), null: it returns to selection
--   $5 text[] reason                  $6 text[] detail of the event (JSON)
--   $7 text[] states that allow it
WITH locked AS MATERIALIZED (
  SELECT i.*, t.state, t.epoch, coalesce(t.state = ANY ($7::text[]), false) AS allowed, t.seq = i.known_seq AS same
  FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[])
    WITH ORDINALITY AS i (org, id, known_seq, route, cause, detail, n)
  LEFT JOIN LATERAL (
    SELECT state, epoch, seq FROM task WHERE task.org = i.org AND task.id = i.id
    FOR UPDATE SKIP LOCKED
  ) AS t ON true
),
changed AS (
  UPDATE task SET seq = task.seq + 1
  FROM locked AS l
  WHERE task.org = l.org AND task.id = l.id AND l.allowed AND l.same
  RETURNING l.n, l.route, l.cause, l.detail, task.*
),
new_spec AS (
  UPDATE task_spec AS s SET requirements = CASE
    WHEN c.route IS NULL THEN s.requirements - 'route'
    ELSE s.requirements || jsonb_build_object('route', c.route::jsonb)
  END
  FROM changed AS c
  WHERE s.org = c.org AND s.task_id = c.id
  RETURNING c.n, s.kind, s.requirements
),
new_event AS (
  INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries, reason, detail)
  SELECT org, id, seq, 'ROUTED', state, epoch, series, attempt, deliveries, cause, detail::jsonb FROM changed
)
SELECT c.n::int AS n, 'OK' AS kind, c.state, c.epoch, c.seq, c.agent_id, c.run_time, c.band, c.tier, c.score,
  s.kind AS kind_of_task, s.requirements
FROM changed AS c JOIN new_spec AS s ON s.n = c.n
UNION ALL
SELECT n::int,
  CASE WHEN state IS NULL THEN 'MISSING' WHEN allowed THEN 'CHANGED_SINCE' ELSE 'REFUSED' END,
  state, epoch, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM locked WHERE NOT (allowed AND same) OR state IS NULL
