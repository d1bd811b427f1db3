-- The next versions of a policy, newest first.
--   $1 text org   $2 text policy id   $3 bigint below this version (null: from the newest)   $4 int at most so many
SELECT
-- include ./parts/policy-columns.sql
FROM policy WHERE org = $1 AND policy_id = $2 AND ($3::bigint IS NULL OR version < $3::bigint)
ORDER BY version DESC LIMIT $4::int
