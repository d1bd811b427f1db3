-- Where tasks are in their lives. One row for each that the org has.
--   $1 text  org   $2 uuid[] task ids
SELECT i.n::int AS n, t.state
FROM unnest($2::uuid[]) WITH ORDINALITY AS i (id, n)
CROSS JOIN LATERAL (
  SELECT state FROM task WHERE task.org = $1 AND task.id = i.id
  LIMIT 1
) AS t
