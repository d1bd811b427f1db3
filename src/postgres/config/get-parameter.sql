-- A parameter, if it is set.
--   $1 text org   $2 text key
SELECT
-- include ./parts/parameter-columns.sql
FROM org_config WHERE org = $1 AND key = $2
