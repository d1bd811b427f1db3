-- Who has the oldest transaction that writes, in whichever database of the server: the snapshot's
-- xmin does not go beyond it. `pg_locks` shows it to everybody; what `pg_stat_activity` hides of
-- other roles is null.
SELECT l.pid, l.transactionid::text AS xid, a.application_name, a.usename AS role, coalesce(a.datname, p.database) AS database,
  a.state, p.gid AS prepared,
  (extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, p.prepared)) * 1000)::float8 AS age_ms
FROM pg_locks AS l
LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
LEFT JOIN pg_prepared_xacts AS p ON p.transaction = l.transactionid
WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted
ORDER BY age(l.transactionid) DESC
LIMIT 1
