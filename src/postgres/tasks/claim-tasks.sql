-- Claims QUEUED tasks for agents. One row an input: OK with the lease and the body, REFUSED
-- with the state as it is, or MISSING: not there, or locked by somebody else. No row: it has changed
-- since the statement began, which would hand out the body as it was before.
--   $1 text[]   org         $2 uuid[] task id
--   $3 text[]   agent id    $4 bigint[] how soon to be accepted, in ms
--   $5 text[]   states that allow it
--   $6 text[]   name of the call that asked for it, or null
--   $7 text[]   how the agent was chosen (JSON), or null
WITH locked AS MATERIALIZED (
  SELECT i.*, t.place, t.state, t.epoch, coalesce(t.state = ANY ($5::text[]), false) AS allowed
  FROM unnest($1::text[], $2::uuid[], $3::text[], $4::bigint[], $6::text[], $7::text[])
    WITH ORDINALITY AS i (org, id, agent_id, accept_ms, request_id, selection, n)
  LEFT JOIN LATERAL (
    SELECT ctid AS place, state, epoch FROM task WHERE task.org = i.org AND task.id = i.id
    FOR UPDATE SKIP LOCKED
  ) AS t ON true
),
changed AS (
  UPDATE task SET state = 'ASSIGNED', seq = task.seq + 1, epoch = task.epoch + 1, attempt = task.attempt + 1,
    deliveries = task.deliveries + 1, agent_id = l.agent_id, start_time = now(),
    run_time = NULL, lease_expires_at = now() + l.accept_ms * interval '1 ms', reason = ''
  FROM locked AS l
  -- Where the row is that was locked, which is cheaper than to look it up again. To this statement it is not
  -- there if it has changed since: then it is left for the next try, for all else was read as it was before.
  WHERE task.ctid = l.place AND l.allowed
  RETURNING l.n, l.request_id, l.selection, task.org, task.id, task.state, task.seq, task.epoch, task.series, task.attempt,
    task.deliveries, task.agent_id, task.create_time, task.has_checkpoint
),
new_event AS (
  INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries, agent_id, detail)
  SELECT org, id, seq, 'CLAIMED', state, epoch, series, attempt, deliveries, agent_id, selection::jsonb
  FROM changed
),
new_request AS (
  INSERT INTO lease_request (org, agent_id, request_id, task_id, epoch)
  SELECT org, agent_id, request_id, id, epoch FROM changed WHERE request_id IS NOT NULL
)
SELECT c.n::int AS n, 'OK' AS kind, c.state, c.epoch, c.seq, c.attempt, c.deliveries, c.create_time,
  s.retry, s.attempt_timeout_ms, s.body, s.kind AS kind_of_task, c.has_checkpoint
FROM changed AS c
CROSS JOIN LATERAL (
  SELECT kind, retry, attempt_timeout_ms, body FROM task_spec WHERE task_spec.org = c.org AND task_spec.task_id = c.id
  LIMIT 1
) AS s
UNION ALL
SELECT n::int, CASE WHEN state IS NULL THEN 'MISSING' ELSE 'REFUSED' END, state, epoch, NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL, NULL
FROM locked WHERE NOT allowed
