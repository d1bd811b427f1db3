-- Approvals of an org, those that are over too, newest first by their ids.
--   $1 text org   $2 uuid below this id, or null: from the newest   $3 int at most so many
WITH slice AS MATERIALIZED (
  SELECT * FROM task_approval
  WHERE org = $1 AND ($2::uuid IS NULL OR task_id < $2::uuid)
  ORDER BY task_id DESC LIMIT $3::int
)
-- include ./parts/approval-rows.sql
ORDER BY a.task_id DESC
