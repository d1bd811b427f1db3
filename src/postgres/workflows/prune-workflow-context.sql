-- Forgets values of a workflow's context that show at none of its versions from one on, but for what items were made
-- from that may be made again. One row: how many.
--   $1 text org   $2 uuid id   $3 bigint version   $4 int at most so many
WITH locked AS MATERIALIZED (
  SELECT FROM workflow WHERE org = $1 AND id = $2::uuid
  FOR UPDATE
),
-- What has succeeded is not run again.
begun AS MATERIALIZED (
  SELECT DISTINCT (e.detail ->> 'context_version')::bigint AS version
  FROM workflow_event AS e
  CROSS JOIN LATERAL (
    SELECT FROM workflow_node
    WHERE workflow_id = $2::uuid AND node = e.node AND org = $1
      AND run = (e.detail ->> 'run')::int AND state <> 'SUCCEEDED'
    LIMIT 1
  ) AS n
  WHERE e.workflow_id = $2::uuid AND e.org = $1 AND e.type = 'NODE_EXPANDED'
),
replaced AS MATERIALIZED (
  SELECT c.path, c.version
  FROM (
    SELECT path, version, lead(version) OVER (PARTITION BY path ORDER BY version) AS next
    FROM workflow_context WHERE workflow_id = $2::uuid AND org = $1
  ) AS c
  CROSS JOIN locked
  WHERE c.next <= $3::bigint
    AND NOT EXISTS (SELECT FROM begun AS b WHERE b.version >= c.version AND b.version < c.next)
  LIMIT $4::int
),
gone AS (
  DELETE FROM workflow_context AS c USING replaced AS r
  WHERE c.workflow_id = $2::uuid AND c.path = r.path AND c.version = r.version AND c.org = $1
  RETURNING 1
),
counted AS MATERIALIZED (
  SELECT count(*)::int AS pruned FROM gone
),
changed AS (
  UPDATE workflow AS w SET parts = w.parts - n.pruned FROM counted AS n
  WHERE w.org = $1 AND w.id = $2::uuid AND n.pruned > 0
)
SELECT pruned FROM counted
