-- The next slice of a task's sub-tasks, newest first: those that match, and the last one
-- whether it does or not. Rows visited are bounded by $3, however few match.
--   $1 text org   $2 uuid below this id   $3 int tasks to look at
--   $4 text[] states, empty: all          $5 text[] kinds, empty: all
--   $6 text labels to have (JSON)         $7 boolean whether $5 or $6 asks for anything
--   $8 uuid parent
WITH slice AS MATERIALIZED (
  SELECT task_id AS id, kind, labels FROM task_spec
  WHERE org = $1 AND parent_id = $8::uuid AND task_id < $2::uuid
  ORDER BY task_id DESC LIMIT $3::int
),
seen AS (
  SELECT s.id,
    (cardinality($4::text[]) = 0 OR t.state = ANY ($4::text[]))
      AND (NOT $7::boolean OR ((cardinality($5::text[]) = 0 OR s.kind = ANY ($5::text[])) AND s.labels @> $6::jsonb))
      AS matches,
    row_number() OVER (ORDER BY s.id DESC)::int AS n, count(*) OVER ()::int AS visited
  FROM slice AS s
  CROSS JOIN LATERAL (
    SELECT state FROM task WHERE task.org = $1 AND task.id = s.id
    LIMIT 1
  ) AS t
)
SELECT id, matches, visited FROM seen WHERE matches OR n = visited ORDER BY n
