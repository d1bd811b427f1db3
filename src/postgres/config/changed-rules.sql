-- Orgs whose rules have changed lately, those that changed last first.
--   $1 bigint within so many ms   $2 int at most so many
SELECT org, version FROM org_rules WHERE update_time > clock_timestamp() - $1::bigint * interval '1 ms'
ORDER BY update_time DESC LIMIT $2::int
