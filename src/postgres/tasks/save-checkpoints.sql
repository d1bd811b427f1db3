-- Keeps what attempts leave, in place of what was left before; no event. One row an input: OK, REFUSED or MISSING.
--   $1 text[] org           $2 uuid[] task id           $3 bigint[] epoch
--   $4 text[] agent id      $5 text[] media type
--   $6 bytea  all of them, one after the other
--   $7 int[], $8 int[]      where each starts in $6 (from 1), its length
--   $9 text[] leased states
WITH locked AS MATERIALIZED (
  SELECT i.*, t.state, t.epoch, t.attempt, t.has_checkpoint,
    coalesce(t.epoch = i.claim_epoch AND t.agent_id = i.agent_id AND t.state = ANY ($9::text[]), false) AS allowed
  FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $7::int[], $8::int[])
    WITH ORDINALITY AS i (org, id, claim_epoch, agent_id, media_type, starts, size, n)
  LEFT JOIN LATERAL (
    SELECT state, epoch, attempt, agent_id, has_checkpoint FROM task WHERE task.org = i.org AND task.id = i.id
-- include ./parts/as-read.sql
    FOR UPDATE SKIP LOCKED
  ) AS t ON true
),
marked AS (
  UPDATE task SET has_checkpoint = true
  FROM locked AS l
  WHERE task.org = l.org AND task.id = l.id AND l.allowed AND NOT l.has_checkpoint
),
saved AS (
  INSERT INTO task_checkpoint (org, task_id, epoch, attempt, media_type, data, update_time)
  SELECT org, id, epoch, attempt, media_type, substring($6::bytea FROM starts FOR size), now() FROM locked WHERE allowed
  ON CONFLICT (task_id, org) DO UPDATE
  SET epoch = excluded.epoch, attempt = excluded.attempt, media_type = excluded.media_type, data = excluded.data,
    update_time = excluded.update_time
)
SELECT n::int AS n, CASE WHEN state IS NULL THEN 'MISSING' WHEN allowed THEN 'OK' ELSE 'REFUSED' END AS kind, state,
  epoch
FROM locked
