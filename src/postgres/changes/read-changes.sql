-- Changes in the order of their transactions, whole ones: nothing is added any more at or below
-- `safe`, however late a transaction commits. At least one row, whose `xid` is null if there is none.
--   $1 text after this transaction; null: none, only how things stand
--   $2 text up to this one, or null     $3 text of this org only, or null
--   $4 int  rows, at most, but for those of the last transaction
SELECT pg_snapshot_xmin(now.snapshot)::text::bigint - 1 AS safe, pg_snapshot_xmax(now.snapshot)::text::bigint - 1 AS begun,
  (SELECT xid::text::bigint - 1 FROM task_change ORDER BY xid LIMIT 1) AS oldest,
  concat_ws('.',
    (SELECT system_identifier FROM pg_control_system()),
    left(pg_walfile_name(pg_current_wal_insert_lsn()), 8),
    (SELECT oid FROM pg_database WHERE datname = current_database()), 'task_change'::regclass::oid
  ) AS generation,
  c.xid, c.org, c.task_ids, c.seqs, c.states
FROM (SELECT pg_current_snapshot() AS snapshot) AS now
LEFT JOIN LATERAL (
  SELECT xid::text::bigint AS xid, org, array_to_string(task_ids, ' ') AS task_ids,
    array_to_string(seqs, ' ') AS seqs, array_to_string(states, ' ') AS states
  FROM task_change
  WHERE task_change.xid > $1::text::xid8 AND task_change.xid < pg_snapshot_xmin(now.snapshot)
    AND ($2::text IS NULL OR task_change.xid <= $2::text::xid8) AND ($3::text IS NULL OR task_change.org = $3::text)
  ORDER BY task_change.xid
  FETCH FIRST ($4::int) ROWS WITH TIES
) AS c ON true
