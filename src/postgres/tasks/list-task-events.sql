-- A task's audit trail, oldest first.
--   $1 text org   $2 uuid task id   $3 int after this seq   $4 int at most so many
SELECT task_id, seq, type, state, event_time, epoch, attempt, series, agent_id, actor, reason, detail
FROM task_event
WHERE org = $1 AND task_id = $2::uuid AND seq > $3::int
ORDER BY seq LIMIT $4::int
