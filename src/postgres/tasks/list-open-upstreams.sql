-- The tasks that BLOCKED ones wait for.
--   $1 text[] org      $2 uuid[] task id, of BLOCKED tasks
SELECT DISTINCT e.org, e.upstream_id AS id
FROM unnest($1::text[], $2::uuid[]) AS i (org, id)
CROSS JOIN LATERAL (
  SELECT org, upstream_id FROM task_edge
  WHERE task_edge.org = i.org AND task_edge.task_id = i.id AND task_edge.state = 'open'
) AS e
