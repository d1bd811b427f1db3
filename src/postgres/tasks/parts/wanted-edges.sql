-- The edges of submissions from `given` (org, n, accepted) and $41 to $46: `edge`, each with its state; `sum`, one
-- row a dependent; `concerned` and `upstream`, what they wait for, locked, as inherit-urgency.sql takes it.
wish AS MATERIALIZED (
  SELECT g.org, g.n, w.upstream_id, w.run_anyway
  FROM unnest($41::int[], $42::uuid[], $43::bool[]) AS w (n, upstream_id, run_anyway)
  JOIN given AS g ON g.n = w.n
  WHERE g.accepted
),
ancestor (org, id, n) AS (
  SELECT org COLLATE "C", upstream_id, n FROM wish
  UNION
  SELECT e.org, e.upstream_id, a.n FROM ancestor AS a
  CROSS JOIN LATERAL (
    SELECT org, upstream_id FROM task_edge
    WHERE task_edge.org = a.org AND task_edge.task_id = a.id AND task_edge.state = 'open'
  ) AS e
),
concerned AS MATERIALIZED (
  SELECT a.*, EXISTS (SELECT FROM wish AS w WHERE w.n = a.n AND w.upstream_id = a.id) AS named
  FROM (SELECT org, id, n FROM ancestor LIMIT cardinality($41::int[]) + $46::int) AS a
),
upstream AS MATERIALIZED (
  SELECT c.org, c.id, t.*
  FROM (SELECT DISTINCT org, id FROM concerned ORDER BY org, id) AS c
  CROSS JOIN LATERAL (
    SELECT state, state = ANY ($45::text[]) AS waits, reason, score, inherited_score, band
    FROM task WHERE task.org = c.org AND task.id = c.id
    FOR UPDATE
  ) AS t
),
edge AS MATERIALIZED (
  SELECT w.*, u.id IS NOT NULL AS known, u.state AS upstream_state,
    CASE
      WHEN u.state = 'SUCCEEDED' OR (u.state = 'SKIPPED' AND u.reason = 'CONDITION') THEN 'satisfied'
      WHEN u.state = ANY ($44::text[]) THEN CASE WHEN w.run_anyway THEN 'satisfied' ELSE 'broken' END
      ELSE 'open'
    END AS state
  FROM wish AS w LEFT JOIN upstream AS u ON u.org = w.org AND u.id = w.upstream_id
),
sum AS MATERIALIZED (
  SELECT n, count(*) FILTER (WHERE state = 'open')::int AS pending,
    (array_agg(jsonb_build_object('upstream_task_id', upstream_id, 'upstream_state', upstream_state)
      ORDER BY upstream_id) FILTER (WHERE state = 'broken'))[1] AS cause,
    min(upstream_id::text) FILTER (WHERE NOT known) AS unknown_id
  FROM edge GROUP BY n
),
