-- Stores a workflow with its nodes, due at once, unless it is known by its id or its request id. One row: STARTED,
-- ALREADY_STARTED or REQUEST_ID_REUSED with the workflow.
--   $1 text org             $2 uuid id           $3 text spec (JSON)     $4 text name
--   $5 text labels (JSON)   $6 text submitter    $7 text actor           $8 float8 create time in ms
--   $9 float8 deadline in ms or null             $10 int nodes of its plan
--   $11 text request id or null                  $12 bytea hash of the request
-- The organisation is hidden from indexes that begin with it: one without statistics seems to have one row.
WITH named AS MATERIALIZED (
  SELECT workflow_id, CASE WHEN body_hash = $12 THEN 'ALREADY_STARTED' ELSE 'REQUEST_ID_REUSED' END AS kind
  FROM workflow_spec WHERE org || '' = $1 AND request_id = $11
),
known AS MATERIALIZED (
  SELECT * FROM named
  UNION ALL
  SELECT id, 'ALREADY_STARTED' FROM workflow WHERE org = $1 AND id = $2::uuid AND NOT EXISTS (SELECT FROM named)
),
new_workflow AS (
  INSERT INTO workflow (org, id, state, open, version, seq, run, context_version, parts, create_time, deadline, wake_time)
  SELECT $1, $2::uuid, 'INITIALIZING', true, 1, 1, 1, 0, $10::int + 2, to_timestamp($8::float8 / 1000),
    to_timestamp($9::float8 / 1000), now()
  WHERE NOT EXISTS (SELECT FROM known)
  RETURNING *
),
new_spec AS (
  INSERT INTO workflow_spec (org, workflow_id, name, labels, submitter_subject_id, spec, request_id, body_hash)
  SELECT org, id, $4, $5::jsonb, $6, $3::json, $11, $12 FROM new_workflow
  RETURNING name, labels, submitter_subject_id
),
new_node AS (
  INSERT INTO workflow_node (org, workflow_id, node, state)
  SELECT org, id, node, 'WAITING' FROM new_workflow CROSS JOIN generate_series(0, $10::int - 1) AS node
),
new_event AS (
  INSERT INTO workflow_event (org, workflow_id, seq, type, state, actor, detail)
  SELECT org, id, 1, 'STARTED', state, $7, '{}' FROM new_workflow
)
SELECT 'STARTED' AS kind,
-- include ./parts/workflow-columns.sql
FROM new_workflow AS w CROSS JOIN new_spec AS s
UNION ALL
SELECT w.kind,
-- include ./parts/workflow-columns.sql
FROM (
  SELECT k.kind, f.* FROM known AS k
  CROSS JOIN LATERAL (SELECT * FROM workflow WHERE org = $1 AND id = k.workflow_id LIMIT 1) AS f
) AS w
-- include ./parts/own-spec.sql
