-- Tasks of a workflow that are open.
--   $1 text org   $2 uuid workflow   $3 int its run; none of another   $4 int only of this node, or null
--   $5 int at most so many
-- The organisation is hidden from indexes that begin with it: one without statistics seems to have one row.
SELECT id, series FROM task
WHERE open AND org || '' = $1 AND workflow_id = $2::uuid AND ($4::int IS NULL OR workflow_node = $4::int)
  AND (SELECT run FROM workflow WHERE workflow.org = $1 AND workflow.id = $2::uuid) = $3::int
ORDER BY workflow_id, id LIMIT $5::int
