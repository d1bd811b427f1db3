-- The next pauses of all orgs by (org, tier, kind).
--   $1 text, $2 text, $3 text after this org, tier and kind   $4 int at most so many
SELECT org, tier, kind, reason, actor, pause_time FROM queue_pause WHERE (org, tier, kind) > ($1, $2, $3)
ORDER BY org, tier, kind LIMIT $4::int
