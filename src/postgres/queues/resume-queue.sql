-- Ends a pause. One row if there was one.
--   $1 text org   $2 text tier   $3 text kind (empty: any)
DELETE FROM queue_pause WHERE org = $1 AND tier = $2 AND kind = $3
RETURNING org, tier, kind, reason, actor, pause_time
