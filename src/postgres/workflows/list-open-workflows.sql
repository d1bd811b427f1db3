-- The next slice of an org's workflows that are not over, newest first: those that match, and the last one whether it
-- does or not. Rows visited are bounded by $3, however few match.
--   $1 text org         $2 uuid below this id   $3 int workflows to look at
--   $4 text[] states    $5 text name            $6 text labels to have (JSON)
-- Nothing asked: an empty array, an empty text, {}.
WITH slice AS MATERIALIZED (
  SELECT * FROM workflow WHERE open AND org = $1 AND id < $2::uuid ORDER BY id DESC LIMIT $3::int
)
SELECT * FROM (
  SELECT
-- include ./parts/workflow-columns.sql
    , (cardinality($4::text[]) = 0 OR w.state = ANY ($4::text[])) AND ($5 = '' OR s.name = $5)
      AND s.labels @> $6::jsonb AS matches,
    row_number() OVER (ORDER BY w.id DESC)::int AS n, count(*) OVER ()::int AS visited
  FROM slice AS w
-- include ./parts/own-spec.sql
) AS seen
WHERE matches OR n = visited ORDER BY n
