-- Forgets the names of old submissions. One row: how many.
--   $1 bigint older than this, in ms   $2 int at most so many
WITH gone AS (
  DELETE FROM request_id WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM request_id WHERE create_time < now() - $1::bigint * interval '1 ms'
    ORDER BY create_time LIMIT $2::int
  ))
  RETURNING 1
)
SELECT count(*)::int AS forgotten FROM gone
