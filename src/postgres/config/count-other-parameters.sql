-- How many parameters an org has besides one, and how many characters all values have as text, that one's too.
--   $1 text org   $2 text key   $3 text its value (JSON)
SELECT count(*) AS count, (coalesce(sum(length(value::text)), 0) + length($3::jsonb::text))::bigint AS length
FROM org_config WHERE org = $1 AND key <> $2
