-- Forgets the names of old calls.
--   $1 bigint older than this, in ms   $2 int at most so many
DELETE FROM lease_request WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM lease_request WHERE create_time < now() - $1::bigint * interval '1 ms'
  ORDER BY create_time LIMIT $2::int
))
