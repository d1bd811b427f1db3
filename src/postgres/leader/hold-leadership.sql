-- Takes the leadership if it is over, or keeps it. One row: who has it now.
--   $1 text name   $2 text holder   $3 bigint for how long, in ms
-- A term that would last longer than any is of a clock that was set back since: it is over.
-- The clock is read when the statement begins, so waiting for the row makes nobody lead longer.
WITH held AS (
  INSERT INTO leader AS l (name, holder, epoch, expires_at)
  VALUES ($1, $2, 1, now() + $3::bigint * interval '1 ms')
  ON CONFLICT (name) DO UPDATE SET
    epoch = l.epoch + CASE WHEN l.holder = $2 THEN 0 ELSE 1 END,
    holder = $2,
    expires_at = now() + $3::bigint * interval '1 ms'
  WHERE l.holder = $2 OR l.expires_at <= now()
    OR l.expires_at > now() + 2 * $3::bigint * interval '1 ms'
  RETURNING holder, epoch
)
SELECT holder, epoch, 0::bigint AS remaining_ms FROM held
UNION ALL
SELECT holder, epoch, ceil(greatest(extract(epoch FROM expires_at - now()) * 1000, 0))::bigint
FROM leader WHERE name = $1 AND NOT EXISTS (SELECT FROM held)
