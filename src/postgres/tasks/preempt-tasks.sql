-- Asks for running tasks back, whose slots others wait for. One row an input: OK (changed or not, if it was
-- asked for before), TOO_OFTEN, REFUSED or MISSING.
--   $1 text[] org              $2 uuid[] task id          $3 bigint[] epoch
--   $4 bigint[] grace in ms    $5 uuid[] the task that waits for its slot
--   $6 text[] states that allow it
--   $7 int how often a task may be sent back
WITH locked AS MATERIALIZED (
  SELECT i.*, t.state, t.epoch, t.seq, t.agent_id, t.preemptions >= $7::int AS too_often,
    coalesce(t.epoch = i.claim_epoch AND t.state = ANY ($6::text[]), false) AS runs
  FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::bigint[], $5::uuid[])
    WITH ORDINALITY AS i (org, id, claim_epoch, grace_ms, for_id, n)
  LEFT JOIN LATERAL (
    SELECT state, epoch, seq, agent_id, preemptions FROM task WHERE task.org = i.org AND task.id = i.id
    FOR UPDATE SKIP LOCKED
  ) AS t ON true
),
changed AS (
  UPDATE task SET state = 'PREEMPTING', seq = task.seq + 1, reason = '',
    lease_expires_at = least(task.lease_expires_at, now() + l.grace_ms * interval '1 ms')
  FROM locked AS l
  WHERE task.org = l.org AND task.id = l.id AND l.runs AND NOT l.too_often
  RETURNING l.n, l.for_id, task.org, task.id, task.state, task.seq, task.epoch, task.series, task.attempt,
    task.deliveries, task.agent_id
),
new_event AS (
  INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries, agent_id, detail)
  SELECT org, id, seq, 'PREEMPTION_BEGUN', state, epoch, series, attempt, deliveries, agent_id,
    jsonb_build_object('preempted_for', for_id)
  FROM changed
)
SELECT n::int AS n, 'OK' AS kind, state, epoch, seq, agent_id, true AS changed FROM changed
UNION ALL
SELECT n::int,
  CASE
    WHEN state IS NULL THEN 'MISSING'
    WHEN runs THEN 'TOO_OFTEN'
    WHEN state = 'PREEMPTING' AND epoch = claim_epoch THEN 'OK'
    ELSE 'REFUSED'
  END, state, epoch, seq, agent_id, false
FROM locked WHERE NOT runs OR too_often
