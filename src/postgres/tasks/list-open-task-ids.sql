-- The next slice of an org's open tasks, newest first: those that match, and the last one whether
-- it does or not. Rows visited are bounded by $3, however few match.
--   $1 text org   $2 uuid below this id   $3 int tasks to look at
--   $4 text[] states, empty: all          $5 text[] kinds, empty: all
--   $6 text labels to have (JSON)         $7 boolean whether $5 or $6 asks for anything
WITH slice AS MATERIALIZED (
  SELECT id, state FROM task WHERE open AND org = $1 AND id < $2::uuid
  ORDER BY id DESC LIMIT $3::int
),
seen AS (
  SELECT t.id,
    (cardinality($4::text[]) = 0 OR t.state = ANY ($4::text[]))
      AND (NOT $7::boolean OR ((cardinality($5::text[]) = 0 OR s.kind = ANY ($5::text[])) AND s.labels @> $6::jsonb))
      AS matches,
    row_number() OVER (ORDER BY t.id DESC)::int AS n, count(*) OVER ()::int AS visited
  FROM slice AS t
  LEFT JOIN LATERAL (
    SELECT kind, labels FROM task_spec WHERE $7::boolean AND task_spec.org = $1 AND task_spec.task_id = t.id
    LIMIT 1
  ) AS s ON true
)
SELECT id, matches, visited FROM seen WHERE matches OR n = visited ORDER BY n
