-- What the index goes by in the specs of tasks. One row a task.
--   $1 text[] org   $2 uuid[] task id
SELECT i.n::int AS n, s.kind AS kind_of_task, s.requirements
FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS i (org, id, n)
CROSS JOIN LATERAL (
  SELECT kind, requirements FROM task_spec WHERE task_spec.org = i.org AND task_spec.task_id = i.id
  LIMIT 1
) AS s
