-- The next open tasks of all orgs by (org, id).
--   $1 text, $2 uuid after this org and id   $3 int at most so many
WITH slice AS MATERIALIZED (
  SELECT org, id, seq, state, band, tier, score, epoch, agent_id, run_time, deadline, lease_expires_at, attempt_deadline
  FROM task WHERE open AND (org, id) > ($1, $2::uuid)
  ORDER BY org, id LIMIT $3::int
)
SELECT t.org, t.id, t.seq, t.state, t.band, t.tier, t.score, t.epoch, t.agent_id, t.run_time, t.deadline, s.kind AS kind_of_task, s.requirements,
  t.lease_expires_at IS NOT NULL AS leased,
  ceil(greatest(0, extract(epoch FROM
    CASE t.state WHEN 'CANCELLING' THEN t.lease_expires_at ELSE least(t.lease_expires_at, t.attempt_deadline) END
    - now()) * 1000))::bigint AS remaining_ms
FROM slice AS t
CROSS JOIN LATERAL (
  SELECT kind, requirements FROM task_spec WHERE task_spec.org = t.org AND task_spec.task_id = t.id
  LIMIT 1
) AS s
ORDER BY t.org, t.id
