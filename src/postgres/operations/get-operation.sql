-- One operation.
--   $1 text org   $2 uuid id
SELECT
-- include ./parts/operation-columns.sql
FROM operation WHERE org = $1 AND id = $2::uuid
