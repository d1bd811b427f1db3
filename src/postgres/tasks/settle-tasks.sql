-- Records how attempts ended: row and result with its events, that of the accept too if it was not
-- recorded yet. One row an input: OK with what the index needs if the task comes back, but for what is in its
-- spec; OVER: the claim is not current; MISSING or DEPENDED_ON.
--   $1 text[]  org                       $2 uuid[]    task id
--   $3 bigint[] epoch                    $4 text[]    agent id
--   $5 uuid[]  result id                 $6 text[]    outcome
--   $7 text[]  summary, null: empty      $8 text[]    output media type, null: no output
--   $9 text[]  error kind, null: none    $10 text[]   error message
--   $11 bool[] error retryable           $12 text[]   error detail media type, null: none
--   $13 text[] state after a failure     $14 bigint[] delay after a failure in ms
--   $15 bytea  outputs and error details, one after the other
--   $16 int[], $17 int[]                 where each output starts in $15 (from 1), its length
--   $18 int[], $19 int[]                 the same of each error detail
--   $20 text[] states that allow SUCCEEDED
--   $21 text[] states that allow FAILED
--   $22 text[] leased states that allow CANCELLED
--   $23 text[] terminal states
--   $24 boolean whether tasks that others depend on are settled, or answered with DEPENDED_ON
--   $25 boolean whether changes are noted
--   $26 text[] states that allow PREEMPTED
--
-- Neither results nor specs are looked into, which few settlements need: each day's part of them is opened for a
-- statement that may, even for one task, and that is a third of its time when a month is kept.
WITH
-- include ./parts/record-results.sql
SELECT n::int AS n, 'OK' AS kind, state, epoch, seq, agent_id, run_time, band, tier, score,
  NULL AS kind_of_task, NULL::jsonb AS requirements, workflow_id
FROM changed
UNION ALL
SELECT n, kind, state, epoch, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM unsettled
