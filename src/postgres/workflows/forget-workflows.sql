-- Deletes workflows that ended long ago, with all that is theirs but their tasks. One row: how many.
--   $1 bigint longer ago than this, in ms   $2 int at most so many
--   $3 bigint rows of theirs, at about which it stops
WITH old AS MATERIALIZED (
  SELECT org, id, parts FROM workflow WHERE finish_time < now() - $1::bigint * interval '1 ms'
  ORDER BY finish_time LIMIT $2::int
  FOR UPDATE SKIP LOCKED
),
gone AS MATERIALIZED (
  SELECT org, id FROM (SELECT org, id, sum(parts) OVER (ORDER BY org, id) - parts AS before FROM old) AS o
  WHERE before < $3::bigint
),
node AS (
  DELETE FROM workflow_node AS n USING gone AS g WHERE n.workflow_id = g.id AND n.org = g.org
),
context AS (
  DELETE FROM workflow_context AS c USING gone AS g WHERE c.workflow_id = g.id AND c.org = g.org
),
event AS (
  DELETE FROM workflow_event AS e USING gone AS g WHERE e.workflow_id = g.id AND e.org = g.org
),
settled AS (
  DELETE FROM workflow_settled AS d USING gone AS g WHERE d.org = g.org AND d.workflow_id = g.id
),
spec AS (
  DELETE FROM workflow_spec AS s USING gone AS g WHERE s.org = g.org AND s.workflow_id = g.id
),
deleted AS (
  DELETE FROM workflow AS w USING gone AS g WHERE w.org = g.org AND w.id = g.id
  RETURNING 1
)
SELECT count(*)::int AS forgotten FROM deleted
