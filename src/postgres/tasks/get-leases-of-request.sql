-- The claims of a call by its name that are still held, with what their agent needs.
--   $1 text org   $2 text agent id   $3 text request id   $4 text[] leased states   $5 int at most so many
SELECT r.task_id, r.epoch, t.attempt, t.deliveries, t.create_time, t.has_checkpoint, s.retry,
  s.attempt_timeout_ms, s.body
FROM (
  SELECT task_id, epoch FROM lease_request WHERE org = $1 AND agent_id = $2 AND request_id = $3
  ORDER BY task_id, epoch LIMIT $5::int
) AS r
CROSS JOIN LATERAL (
  SELECT attempt, deliveries, create_time, has_checkpoint FROM task
  WHERE task.org = $1 AND task.id = r.task_id AND task.epoch = r.epoch AND task.state = ANY ($4::text[])
  LIMIT 1
) AS t
CROSS JOIN LATERAL (
  SELECT retry, attempt_timeout_ms, body FROM task_spec WHERE task_spec.org = $1 AND task_spec.task_id = r.task_id
  LIMIT 1
) AS s
