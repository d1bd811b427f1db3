-- Approvals of an org that wait for a person, the first due first.
--   $1 text org   $2 float8 after the one due then, in ms, or null: from the first   $3 uuid and with this id
--   $4 int at most so many
WITH slice AS MATERIALIZED (
  SELECT * FROM task_approval
  WHERE org = $1 AND open AND ($2::float8 IS NULL OR (due_time, task_id) > (to_timestamp($2::float8 / 1000), $3::uuid))
  ORDER BY due_time, task_id LIMIT $4::int
)
-- include ./parts/approval-rows.sql
ORDER BY a.due_time, a.task_id
