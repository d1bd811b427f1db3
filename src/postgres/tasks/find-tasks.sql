-- Which tasks exist, whoever has them locked. One row for each that does.
--   $1 text[] org   $2 uuid[] task id
SELECT i.n::int AS n
FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS i (org, id, n)
CROSS JOIN LATERAL (
  SELECT FROM task WHERE task.org = i.org AND task.id = i.id
  LIMIT 1
) AS t
