-- The approval of one task.
--   $1 text org   $2 uuid task   $3 boolean also one that is over
WITH slice AS MATERIALIZED (
  SELECT * FROM task_approval
  WHERE org = $1 AND task_id = $2::uuid AND ($3::boolean OR open)
)
-- include ./parts/approval-rows.sql
