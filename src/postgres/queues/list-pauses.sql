-- The pauses of an org by (tier, kind).
--   $1 text org   $2 int at most so many
SELECT org, tier, kind, reason, actor, pause_time FROM queue_pause WHERE org = $1
ORDER BY tier, kind LIMIT $2::int
