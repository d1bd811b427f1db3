-- Prolongs leases; no event. One row an input: OK, CANCEL with what remains of the lease of
-- a task that is CANCELLING or PREEMPTING, REFUSED or MISSING.
--   $1 text[] org         $2 uuid[]   task id      $3 bigint[] epoch
--   $4 text[] agent id    $5 bigint[] lease in ms
--   $6 text[] states in which a lease is prolonged
WITH locked AS MATERIALIZED (
  SELECT i.*, t.state, t.epoch, t.lease_expires_at,
    coalesce(t.epoch = i.claim_epoch AND t.agent_id = i.agent_id, false) AS current,
    coalesce(t.epoch = i.claim_epoch AND t.agent_id = i.agent_id AND t.state = ANY ($6::text[]), false) AS allowed
  FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::bigint[])
    WITH ORDINALITY AS i (org, id, claim_epoch, agent_id, lease_ms, n)
  LEFT JOIN LATERAL (
    SELECT state, epoch, agent_id, lease_expires_at FROM task WHERE task.org = i.org AND task.id = i.id
    FOR UPDATE SKIP LOCKED
  ) AS t ON true
),
changed AS (
  UPDATE task SET lease_expires_at = now() + l.lease_ms * interval '1 ms'
  FROM locked AS l
  WHERE task.org = l.org AND task.id = l.id AND l.allowed
  RETURNING l.n
)
SELECT n::int AS n, 'OK' AS kind, NULL AS state, NULL::bigint AS epoch, NULL::bigint AS remaining_ms FROM changed
UNION ALL
SELECT n::int,
  CASE
    WHEN state IS NULL THEN 'MISSING'
    WHEN state IN ('CANCELLING', 'PREEMPTING') AND current THEN 'CANCEL'
    ELSE 'REFUSED'
  END, state, epoch, ceil(greatest(extract(epoch FROM lease_expires_at - now()) * 1000, 0))::bigint
FROM locked WHERE NOT allowed
