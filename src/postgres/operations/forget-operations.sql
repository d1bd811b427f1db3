-- Forgets operations that ended long ago.
--   $1 bigint ms   $2 int at most so many
DELETE FROM operation USING (
  SELECT org, id FROM operation WHERE end_time < now() - $1::bigint * interval '1 ms' LIMIT $2::int
) AS old
WHERE operation.org = old.org AND operation.id = old.id
