-- Forgets kinds of organisations that have too many: those without an expected duration first, then what was not done
-- for the longest. What somebody adds to right now is left for the next time.
--   $1 text[] org   $2 int how many each keeps
WITH locked AS MATERIALIZED (
  SELECT l.org, l.kind FROM unnest($1::text[]) AS o (org)
  CROSS JOIN LATERAL (
    SELECT kind FROM kind_duration WHERE kind_duration.org = o.org
    ORDER BY (expected_ms IS NULL), update_time DESC, kind
    OFFSET $2::int
  ) AS k
  CROSS JOIN LATERAL (
    SELECT org, kind FROM kind_duration WHERE kind_duration.org = o.org AND kind_duration.kind = k.kind
    FOR UPDATE SKIP LOCKED
  ) AS l
)
DELETE FROM kind_duration AS d USING locked AS l WHERE d.org = l.org AND d.kind = l.kind
