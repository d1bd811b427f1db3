-- The next operations of an org, newest first.
--   $1 text org   $2 uuid below this id   $3 int at most so many
SELECT
-- include ./parts/operation-columns.sql
FROM operation WHERE org = $1 AND id < $2::uuid
ORDER BY id DESC LIMIT $3::int
