-- The parameters of an org by key.
--   $1 text org   $2 int at most so many
SELECT
-- include ./parts/parameter-columns.sql
FROM org_config WHERE org = $1 ORDER BY key LIMIT $2::int
