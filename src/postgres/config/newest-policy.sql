-- The newest version of a policy, which may say that it was deleted.
--   $1 text org   $2 text policy id
SELECT
-- include ./parts/policy-columns.sql
FROM policy WHERE org = $1 AND policy_id = $2 ORDER BY version DESC LIMIT 1
