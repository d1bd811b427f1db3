-- How many parameters an org has besides one, and how many characters they have as text.
--   $1 text org   $2 text key
SELECT count(*) AS count, coalesce(sum(length(value::text)), 0)::bigint AS length
FROM org_config WHERE org = $1 AND key <> $2
