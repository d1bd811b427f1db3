-- The next slice of an org's tasks, newest first: those that match, and the last one
-- whether it does or not. Rows visited are bounded by $3, however few match.
--   $1 text org                       $2 uuid below this id
--   $3 int tasks to look at           $4 uuid above this id
--   $5 text[] states                  $6 text[] tiers        $7 text[] agents
--   $8, $9 float8 created from, before, in ms since the epoch
--   $10, $11 float8 finished from, before
--   $12 boolean whether anything is asked of the spec; without it `kind` may be null
--   $13 text[] kinds                  $14 text labels to have (JSON)
--   $15 text[] sources                $16 text[] submitters
--   $17 uuid   workflow
-- Nothing asked: an empty array, {} or null.
WITH slice AS MATERIALIZED (
  SELECT id, state, tier, agent_id, create_time, finish_time, workflow_id FROM task WHERE org = $1 AND id < $2::uuid AND id > $4::uuid
  ORDER BY id DESC LIMIT $3::int
),
seen AS (
  SELECT t.id,
-- include ./parts/task-matches.sql
    , t.state, s.kind, row_number() OVER (ORDER BY t.id DESC)::int AS n, count(*) OVER ()::int AS visited
  FROM slice AS t
  LEFT JOIN LATERAL (
    SELECT kind, labels, source, submitter_subject_id FROM task_spec
    WHERE $12::boolean AND task_spec.org = $1 AND task_spec.task_id = t.id
    LIMIT 1
  ) AS s ON true
)
SELECT id, matches, visited, state, kind FROM seen WHERE matches OR n = visited ORDER BY n
