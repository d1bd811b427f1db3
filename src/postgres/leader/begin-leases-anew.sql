-- Begins the leases of the next open tasks of all orgs anew, by (org, id), and the time of their
-- attempts. One row: the last task looked at, and how many had a lease.
--   $1 text, $2 uuid after this org and id   $3 int at most so many
--   $4 bigint lease in ms                    $5 bigint lease while ASSIGNED, in ms
--   $6 bigint what is left at least while CANCELLING or PREEMPTING, in ms
WITH slice AS MATERIALIZED (
  SELECT org, id FROM task WHERE open AND (org, id) > ($1, $2::uuid)
  ORDER BY org, id LIMIT $3::int
),
locked AS MATERIALIZED (
  SELECT i.org, i.id
  FROM slice AS i
  CROSS JOIN LATERAL (
    SELECT FROM task WHERE task.org = i.org AND task.id = i.id AND lease_expires_at IS NOT NULL
    FOR UPDATE
  ) AS t
),
changed AS (
  UPDATE task SET
    lease_expires_at = CASE
      WHEN state = 'ASSIGNED' THEN now() + $5::bigint * interval '1 ms'
      WHEN state IN ('CANCELLING', 'PREEMPTING') THEN greatest(now() + $6::bigint * interval '1 ms',
        least(lease_expires_at, now() + $4::bigint * interval '1 ms'))
      ELSE now() + $4::bigint * interval '1 ms'
    END,
    attempt_deadline = CASE WHEN attempt_deadline IS NOT NULL THEN now() + (
      SELECT s.attempt_timeout_ms FROM task_spec AS s WHERE s.org = l.org AND s.task_id = l.id
    ) * interval '1 ms' END
  FROM locked AS l
  WHERE task.org = l.org AND task.id = l.id AND task.lease_expires_at IS NOT NULL
  RETURNING task.id
)
SELECT org, id, (SELECT count(*) FROM changed)::int AS leases, (SELECT count(*) FROM slice)::int AS visited
FROM slice ORDER BY org DESC, id DESC LIMIT 1
