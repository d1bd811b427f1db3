-- A task's audit trail, oldest first. Nothing of one that retention has dropped: its day may be there still.
--   $1 text org   $2 uuid task id   $3 int after this seq   $4 int at most so many
SELECT task_id, seq, type, state, event_time, epoch, attempt, series, agent_id, actor, reason, detail
FROM task_trail
WHERE org = $1 AND task_id = $2::uuid AND seq > $3::int
  AND EXISTS (SELECT FROM task WHERE task.org = $1 AND task.id = $2::uuid)
ORDER BY seq LIMIT $4::int
