-- Records how attempts ended: row and result with its events, that of the accept too if it was not
-- recorded yet. One row an input: OK with what the index needs if the task comes back,
-- ALREADY_RECORDED, CONFLICT, REFUSED or MISSING or DEPENDED_ON.
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
--
-- A result of the claim is looked for only where the claim is no longer current: it ended the
-- claim when it was recorded.
WITH
-- include ./parts/record-results.sql
SELECT c.n::int AS n, 'OK' AS kind, c.state, c.epoch, c.seq, c.agent_id, c.run_time, c.band, c.tier, c.score,
  s.kind AS kind_of_task, s.requirements
FROM changed AS c
CROSS JOIN LATERAL (
  SELECT kind, requirements FROM task_spec WHERE task_spec.org = c.org AND task_spec.task_id = c.id
  LIMIT 1
) AS s
WHERE c.state = 'SCHEDULED'
UNION ALL
SELECT n::int, 'OK', state, epoch, seq, agent_id, NULL, NULL, NULL, NULL, NULL, NULL
FROM changed WHERE state <> 'SCHEDULED'
UNION ALL
SELECT n, kind, state, epoch, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM unsettled
