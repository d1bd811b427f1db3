-- Accepts an operation, unless the call was seen before or the org has too many. One row:
-- CREATED, ALREADY_CREATED or REQUEST_ID_REUSED with the operation; none if there are too many.
--   $1 text org       $2 uuid id           $3 text verb     $4 text filter (JSON)
--   $5 boolean dry    $6 text reason       $7 bigint grace in ms
--   $8 text actor     $9 text request id   $10 bytea hash of the request
--   $11 int at most so many that have not ended
WITH known AS MATERIALIZED (
  SELECT * FROM operation WHERE org = $1 AND request_id = $9
),
created AS (
  INSERT INTO operation (org, id, verb, state, open, filter, dry_run, reason, grace_ms, actor, request_id, body_hash, cursor)
  SELECT $1, $2::uuid, $3, 'COUNTING', true, $4::jsonb, $5, $6, $7::bigint, $8, $9, $10, $2::uuid
  WHERE NOT EXISTS (SELECT FROM known)
    AND (SELECT count(*) FROM operation WHERE open AND org = $1) < $11::int
  RETURNING *
)
SELECT 'CREATED' AS kind,
-- include ./parts/operation-columns.sql
FROM created
UNION ALL
SELECT CASE WHEN body_hash = $10 THEN 'ALREADY_CREATED' ELSE 'REQUEST_ID_REUSED' END,
-- include ./parts/operation-columns.sql
FROM known
