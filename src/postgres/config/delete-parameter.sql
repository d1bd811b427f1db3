-- Unsets a parameter.
--   $1 text org   $2 text key
DELETE FROM org_config WHERE org = $1 AND key = $2
RETURNING
-- include ./parts/parameter-columns.sql
