-- Passes the urgency of BLOCKED tasks on to what they wait for, itself or over others. One row for each task
-- that became more urgent: INHERITED with what the index needs.
--   $1 text[] org            $2 uuid[] task id
--   $3 text[] waiting states
--   $4 int    tasks that become more urgent, at most, besides those that the BLOCKED ones depend on themselves
-- What they wait for is locked in the order of ids, and then read.
WITH RECURSIVE urging AS MATERIALIZED (
  SELECT i.org, i.id, i.n, least(t.score, t.inherited_score) AS score, t.band, true AS blocked
  FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS i (org, id, n)
  CROSS JOIN LATERAL (
    SELECT score, inherited_score, band FROM task WHERE task.org = i.org AND task.id = i.id AND task.state = 'BLOCKED'
    LIMIT 1
  ) AS t
),
direct AS MATERIALIZED (
  SELECT e.org, e.upstream_id, i.n
  FROM urging AS i
  CROSS JOIN LATERAL (
    SELECT org, upstream_id FROM task_edge
    WHERE task_edge.org = i.org AND task_edge.task_id = i.id AND task_edge.state = 'open'
  ) AS e
),
ancestor (org, id, n) AS (
  SELECT org, upstream_id, n FROM direct
  UNION
  SELECT e.org, e.upstream_id, a.n FROM ancestor AS a
  CROSS JOIN LATERAL (
    SELECT org, upstream_id FROM task_edge
    WHERE task_edge.org = a.org AND task_edge.task_id = a.id AND task_edge.state = 'open'
  ) AS e
),
concerned AS MATERIALIZED (
  SELECT org, id, n, false AS named FROM ancestor LIMIT (SELECT count(*) FROM direct) + $4::int
),
upstream AS MATERIALIZED (
  SELECT c.org, c.id, t.*
  FROM (SELECT DISTINCT org, id FROM concerned ORDER BY org, id) AS c
  CROSS JOIN LATERAL (
    SELECT state = ANY ($3::text[]) AS waits, score, inherited_score, band
    FROM task WHERE task.org = c.org AND task.id = c.id
    FOR UPDATE
  ) AS t
),
-- include ./parts/inherit-urgency.sql
-- include ./parts/inherited-rows.sql
