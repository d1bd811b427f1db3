-- Ends an operation early; one that has ended stays as it is. No row if the org has none of
-- that id.
--   $1 text org   $2 uuid id
UPDATE operation SET state = CASE WHEN open THEN 'CANCELLED' ELSE state END, open = false,
  end_time = coalesce(end_time, now()), update_time = CASE WHEN open THEN now() ELSE update_time END
WHERE org = $1 AND id = $2::uuid
RETURNING
-- include ./parts/operation-columns.sql
