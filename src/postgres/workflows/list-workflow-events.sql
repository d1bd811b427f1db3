-- The trail of a workflow, oldest first.
--   $1 text org   $2 uuid workflow   $3 int after this number   $4 int at most so many
SELECT seq, type, state, node, node_state, event_time, actor, reason, detail FROM workflow_event
WHERE workflow_id = $2::uuid AND seq > $3::int AND org = $1
ORDER BY seq LIMIT $4::int
