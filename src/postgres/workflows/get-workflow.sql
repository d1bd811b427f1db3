-- A workflow. One row if there is one.
--   $1 text org   $2 uuid id
SELECT
-- include ./parts/workflow-columns.sql
FROM (SELECT * FROM workflow WHERE org = $1 AND id = $2::uuid LIMIT 1) AS w
-- include ./parts/own-spec.sql
