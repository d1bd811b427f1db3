-- The newest value of each path of a workflow's context at a version, those that are gone included; by path.
--   $1 text org   $2 uuid id   $3 bigint version or null: now
WITH newest AS MATERIALIZED (
  SELECT path, max(version) AS version FROM workflow_context
  WHERE workflow_id = $2::uuid AND org = $1 AND ($3::bigint IS NULL OR version <= $3::bigint)
  GROUP BY path
)
SELECT n.path, n.version, c.value, c.value IS NULL AS gone
FROM newest AS n
CROSS JOIN LATERAL (
  SELECT value FROM workflow_context
  WHERE workflow_id = $2::uuid AND path = n.path AND version = n.version AND org = $1
  LIMIT 1
) AS c
ORDER BY n.path
