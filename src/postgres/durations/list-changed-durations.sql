-- Kinds whose expected duration came or moved lately, newest first.
--   $1 bigint within so many ms   $2 int at most so many
SELECT org, kind, count, mean, variance, expected_ms FROM kind_duration
WHERE move_time > now() - $1::bigint * interval '1 ms'
ORDER BY move_time DESC
LIMIT $2::int
