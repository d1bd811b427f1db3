-- The newest version of each policy of an org that is not deleted, by id.
--   $1 text org   $2 int at most so many
SELECT
-- include ./parts/policy-columns.sql
FROM (SELECT DISTINCT ON (policy_id) * FROM policy WHERE org = $1 ORDER BY policy_id, version DESC) AS newest
WHERE NOT deleted ORDER BY policy_id LIMIT $2::int
