-- How many kinds of jobs an org has besides one, and how many characters their rules have.
--   $1 text org   $2 text kind
SELECT count(*) AS count,
  coalesce(sum(length(coalesce(input_schema::text, '')) + length(validate)), 0)::bigint AS length
FROM job_kind WHERE org = $1 AND kind <> $2
