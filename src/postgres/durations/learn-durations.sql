-- Adds what was found of how long tasks take, by kind, to what is known, and lets the expected durations come or move.
-- One row an input. What is read is the row as it is locked, so two who add at once lose nothing.
--   $1 text[] org      $2 text[] kind, each pair once
--   $3 bigint[] successes   $4 float8[] mean of ln(ms)   $5 float8[] variance of ln(ms)
--   $6 bigint what is known weighs at most as much as so many successes
--   $7 bigint from how many on something is expected
--   $8 float8 greatest variance that counts
--   $9 float8 how many times longer or shorter it may become at once
--   $10 bigint how often it moves, in ms
INSERT INTO kind_duration AS d (org, kind, count, mean, variance, expected_ms, move_time, update_time)
SELECT i.org, i.kind, i.count, i.mean, i.variance,
  CASE WHEN i.count >= $7::bigint THEN exp(i.mean + least(i.variance, $8::float8) / 2) END,
  CASE WHEN i.count >= $7::bigint THEN now() END, now()
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::float8[], $5::float8[]) AS i (org, kind, count, mean, variance)
-- In one order, so that two who add at once wait for each other in turn.
ORDER BY i.org COLLATE "C", i.kind COLLATE "C"
ON CONFLICT (org, kind) DO UPDATE SET (count, mean, variance, expected_ms, move_time, update_time) = (
  SELECT m.count, m.mean, m.variance,
    CASE
      WHEN NOT m.moves THEN d.expected_ms
      WHEN d.expected_ms IS NULL THEN m.expected_ms
      ELSE least(d.expected_ms * $9::float8, greatest(d.expected_ms / $9::float8, m.expected_ms))
    END,
    CASE WHEN m.moves THEN now() ELSE d.move_time END, now()
  FROM (
    SELECT v.*, exp(v.mean + least(v.variance, $8::float8) / 2) AS expected_ms,
      v.count >= $7::bigint AND (d.move_time IS NULL OR d.move_time <= now() - $10::bigint * interval '1 ms') AS moves
    FROM (
      SELECT d.count + excluded.count AS count,
        d.mean + excluded.count / w.total * (excluded.mean - d.mean) AS mean,
        (w.known * d.variance + excluded.count * excluded.variance) / w.total
          + w.known * excluded.count * (excluded.mean - d.mean) ^ 2 / w.total ^ 2 AS variance
      FROM (
        SELECT least(d.count, $6::bigint)::float8 AS known, (least(d.count, $6::bigint) + excluded.count)::float8 AS total
      ) AS w
    ) AS v
  ) AS m
)
RETURNING d.org, d.kind, d.count, d.mean, d.variance, d.expected_ms, d.xmax = 0 AS is_new
