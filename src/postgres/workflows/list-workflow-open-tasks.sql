-- Tasks of a workflow that are open.
--   $1 text org   $2 uuid workflow   $3 int at most so many
-- The organisation is hidden from indexes that begin with it: one without statistics seems to have one row.
SELECT id, series FROM task WHERE open AND org || '' = $1 AND workflow_id = $2::uuid ORDER BY workflow_id, id LIMIT $3::int
