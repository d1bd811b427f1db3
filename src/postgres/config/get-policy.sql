-- A version of a policy.
--   $1 text org   $2 text policy id   $3 bigint version
SELECT
-- include ./parts/policy-columns.sql
FROM policy WHERE org = $1 AND policy_id = $2 AND version = $3::bigint
