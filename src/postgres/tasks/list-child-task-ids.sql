-- The next slice of a task's sub-tasks, newest first: those that match, and the last one
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
--   $18 uuid parent
WITH slice AS MATERIALIZED (
  SELECT task_id AS id, kind, labels, source, submitter_subject_id FROM task_spec
  WHERE org = $1 AND parent_id = $18::uuid AND task_id < $2::uuid AND task_id > $4::uuid
  ORDER BY task_id DESC LIMIT $3::int
),
seen AS (
  -- Of one that retention has dropped only the spec is there: it counts as visited.
  SELECT s.id, t.state IS NOT NULL AND
-- include ./parts/task-matches.sql
    , t.state, s.kind, row_number() OVER (ORDER BY s.id DESC)::int AS n, count(*) OVER ()::int AS visited
  FROM slice AS s
  LEFT JOIN LATERAL (
    SELECT state, tier, agent_id, create_time, finish_time, workflow_id FROM task WHERE task.org = $1 AND task.id = s.id
    LIMIT 1
  ) AS t ON true
)
SELECT id, matches, visited, state, kind FROM seen WHERE matches OR n = visited ORDER BY n
