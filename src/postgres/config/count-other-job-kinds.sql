-- How many kinds of jobs an org has besides one, and how many characters the rules of all have, that one's too.
--   $1 text org   $2 text kind   $3 text its schema (JSON, null: none)   $4 text its expression
SELECT count(*) AS count,
  (coalesce(sum(length(coalesce(input_schema::text, '')) + length(validate)), 0)
    + length(coalesce($3::jsonb::text, '')) + length($4::text))::bigint AS length
FROM job_kind WHERE org = $1 AND kind <> $2
