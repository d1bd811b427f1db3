-- The next operations of an org that have not ended, newest first.
--   $1 text org   $2 uuid below this id   $3 int at most so many
SELECT
-- include ./parts/operation-columns.sql
FROM operation WHERE open AND org = $1 AND id < $2::uuid
ORDER BY id DESC LIMIT $3::int
