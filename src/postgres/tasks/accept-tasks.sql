-- Accepts claims: ASSIGNED to RUNNING, the attempt's own time counted from now. RUNNING
-- already by the same claim is OK. One row an input: OK, REFUSED or MISSING.
--   $1 text[] org         $2 uuid[]   task id      $3 bigint[] epoch
--   $4 text[] agent id    $5 bigint[] lease in ms
--   $6 text[] states that allow it
WITH locked AS MATERIALIZED (
  SELECT i.*, t.place, t.state, t.epoch, t.seq,
    coalesce(t.epoch = i.claim_epoch AND t.agent_id = i.agent_id, false) AS current,
    coalesce(t.epoch = i.claim_epoch AND t.agent_id = i.agent_id AND t.state = ANY ($6::text[]), false) AS allowed
  FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::bigint[])
    WITH ORDINALITY AS i (org, id, claim_epoch, agent_id, lease_ms, n)
  LEFT JOIN LATERAL (
    SELECT ctid AS place, state, epoch, seq, agent_id FROM task WHERE task.org = i.org AND task.id = i.id
    FOR UPDATE SKIP LOCKED
  ) AS t ON true
),
changed AS (
  UPDATE task SET state = 'RUNNING', seq = task.seq + 1, lease_expires_at = now() + l.lease_ms * interval '1 ms',
    attempt_deadline = now() + (
      SELECT s.attempt_timeout_ms FROM task_spec AS s WHERE s.org = l.org AND s.task_id = l.id
    ) * interval '1 ms'
  FROM locked AS l
  -- As claim-tasks.sql.
  WHERE task.ctid = l.place AND l.allowed
  RETURNING l.n, task.org, task.id, task.state, task.seq, task.epoch, task.series, task.attempt, task.deliveries,
    task.agent_id
),
new_event AS (
  INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries, agent_id)
  SELECT org, id, seq, 'ACCEPTED', state, epoch, series, attempt, deliveries, agent_id FROM changed
)
SELECT n::int AS n, 'OK' AS kind, state, epoch, seq FROM changed
UNION ALL
SELECT n::int,
  CASE
    WHEN state IS NULL THEN 'MISSING'
    WHEN state = 'RUNNING' AND current THEN 'OK'
    ELSE 'REFUSED'
  END, state, epoch, seq
FROM locked WHERE NOT allowed
