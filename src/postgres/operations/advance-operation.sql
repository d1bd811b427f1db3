-- Stores how far an operation is. One that has ended keeps its state, and gets the counts.
--   $1 text org        $2 uuid id          $3 text state      $4 boolean open
--   $5 uuid cursor     $6 bigint total     $7 bigint done     $8 bigint skipped   $9 bigint failed
--   $10 text states    $11 text kinds (JSON, counts)          $12 text error
UPDATE operation SET
  state = CASE WHEN open THEN $3 ELSE state END,
  open = open AND $4::boolean,
  error = CASE WHEN open THEN $12 ELSE error END,
  end_time = CASE WHEN NOT open THEN end_time WHEN NOT $4::boolean THEN now() END,
  cursor = $5::uuid, total = $6::bigint, done = $7::bigint, skipped = $8::bigint, failed = $9::bigint,
  state_counts = $10::jsonb, kind_counts = $11::jsonb, update_time = now()
WHERE org = $1 AND id = $2::uuid
RETURNING
-- include ./parts/operation-columns.sql
