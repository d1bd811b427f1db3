-- Leases as they stand. One row for each claim that is current.
--   $1 text[] org   $2 uuid[] task id   $3 bigint[] epoch
--   $4 text[] leased states
SELECT i.n::int AS n, t.state, t.agent_id, t.attempt, t.deliveries, s.retry, s.attempt_timeout_ms,
  ceil(greatest(extract(epoch FROM t.lease_expires_at - now()) * 1000, 0))::bigint AS remaining_ms,
  ceil(greatest(extract(epoch FROM t.attempt_deadline - now()) * 1000, 0))::bigint AS attempt_remaining_ms,
  t.attempt_deadline IS NOT NULL AS has_deadline
FROM unnest($1::text[], $2::uuid[], $3::bigint[]) WITH ORDINALITY AS i (org, id, epoch, n)
CROSS JOIN LATERAL (
  SELECT * FROM task
  WHERE task.org = i.org AND task.id = i.id AND task.epoch = i.epoch AND task.state = ANY ($4::text[])
  LIMIT 1
) AS t
CROSS JOIN LATERAL (
  SELECT retry, attempt_timeout_ms FROM task_spec WHERE task_spec.org = i.org AND task_spec.task_id = i.id
  LIMIT 1
) AS s
