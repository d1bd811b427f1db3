-- Forgets the oldest changes, and keeps the newest of those that are old enough: the lowest row
-- says from where on nothing was forgotten.
--   $1 float8 older than so many ms   $2 int rows, about, at most
DELETE FROM task_change WHERE xid < (
  SELECT first.xid FROM (SELECT xid, change_time FROM task_change ORDER BY xid LIMIT $2::int) AS first
  WHERE first.change_time < now() - $1::float8 * interval '1 ms'
  ORDER BY first.xid DESC LIMIT 1
)
