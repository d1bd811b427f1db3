-- The next operations of all orgs that have not ended, by (org, id).
--   $1 text, $2 uuid after this org and id   $3 int at most so many
SELECT
-- include ./parts/operation-columns.sql
FROM operation WHERE open AND (org, id) > ($1, $2::uuid)
ORDER BY org, id LIMIT $3::int
