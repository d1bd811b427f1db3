-- Pauses a part of the queue; one that is paused already stays as it is. No row if the org
-- has too many.
--   $1 text org      $2 text tier    $3 text kind (empty: any)
--   $4 text reason   $5 text actor   $6 int at most so many
WITH known AS MATERIALIZED (
  SELECT * FROM queue_pause WHERE org = $1 AND tier = $2 AND kind = $3
),
added AS (
  INSERT INTO queue_pause (org, tier, kind, reason, actor)
  SELECT $1, $2, $3, $4, $5
  WHERE NOT EXISTS (SELECT FROM known) AND (SELECT count(*) FROM queue_pause WHERE org = $1) < $6::int
  ON CONFLICT (org, tier, kind) DO NOTHING
  RETURNING *
)
SELECT org, tier, kind, reason, actor, pause_time FROM known
UNION ALL
SELECT org, tier, kind, reason, actor, pause_time FROM added
