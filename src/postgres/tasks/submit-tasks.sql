-- Inserts tasks, each with its spec, in which its first events stand, and its request id. One row an input, but for
-- those taken as they are: kind, and the task concerned as it is now; its id if it is another one.
--   $1 text[]    org                 $2 uuid[]  task id
--   $3 text[]    kind                $4 text[]  tier
--   $5 text[]    band                $6 text[]  source
--   $7 text[]    submitter           $8 uuid[]  parent or null
--   $9 text[]    labels (JSON) or null  $10 text[] requirements (JSON)
--   $11 text[]   retry (JSON) or null   $12 bigint[] attempt timeout in ms or null
--   $13 float8[] create time in ms   $14 float8[] run time in ms or null: runnable now
--   $15 bigint[] score               $16 text[] request id or null
--   $17 text[]   actor               $18 bytea  bodies and body hashes, one after the other
--   $19 int[], $20 int[]             where each body starts in $18 (from 1), its length
--   $21 int[], $22 int[]             the same of each body hash
--   $23 text[] goal, $24 text[] intent, $25 text[] job space: each null if empty
--   $26 text[] agent it is claimed for or null, $27 bigint[] how soon to be accepted, in ms
--   $28 float8[] not before, as it was asked for, in ms or null
--   $29 text[] name of the call that asked for it, or null
--   $30 bigint[] head start in ms       $31 float8[] deadline in ms or null
--   $32 text[]   dependencies (JSON) or null   $33 jsonb what policies said of each, or null
--   $34 text[]   how its agent was chosen (JSON) or null
--   $35 uuid[]   workflow it is part of or null: then with $36 int[] node, $37 int[] its run, $38 int[] item,
--   $39 text[]   group, $40 text[] task of its plan
--   $41 boolean  whether changes are noted
WITH input AS MATERIALIZED (
-- include ./parts/submit-input.sql
),
-- include ./parts/new-specs.sql
new_task AS (
  INSERT INTO task (org, id, state, open, tier, band, score, seq, epoch, attempt, deliveries, create_time,
    runnable_time, run_time, agent_id, start_time, lease_expires_at, head_start_ms, inherited_score, deadline,
    workflow_id, workflow_node, workflow_run, workflow_item)
  SELECT org, id, CASE claims WHEN 0 THEN first_state ELSE 'ASSIGNED' END, true, tier, band, score, 1 + claims,
    claims, claims, claims, to_timestamp(create_ms / 1000), CASE WHEN run_ms IS NULL THEN to_timestamp(create_ms / 1000) END, run_time, agent_id,
    CASE claims WHEN 1 THEN now() END, now() + accept_ms * interval '1 ms',
    head_start_ms, nullif(score, own_score), to_timestamp(deadline_ms / 1000),
    workflow_id, workflow_node, workflow_run, workflow_item
  FROM input WHERE accepted
),
new_change AS (
  INSERT INTO task_change (org, task_ids, seqs, states)
  SELECT org, array_agg(id) || array_agg(id) FILTER (WHERE claims = 1),
    array_agg(1) || array_agg(2) FILTER (WHERE claims = 1),
    array_agg(first_state) || array_agg('ASSIGNED'::text) FILTER (WHERE claims = 1)
  FROM input WHERE accepted AND $41::boolean
  GROUP BY org
),
new_lease_request AS (
  INSERT INTO lease_request (org, agent_id, request_id, task_id, epoch)
  SELECT org, agent_id, lease_request_id, id, 1 FROM input
  WHERE lease_request_id IS NOT NULL AND accepted
)
SELECT i.n::int AS n,
  CASE
    WHEN i.same_body THEN 'ALREADY_SUBMITTED'
    WHEN i.known_id IS NOT NULL THEN 'REQUEST_ID_REUSED'
    WHEN NOT i.parent_known THEN 'PARENT_NOT_FOUND'
    ELSE 'SUBMITTED'
  END AS kind,
  i.known_id AS task_id,
  coalesce(t.state, CASE i.claims WHEN 0 THEN i.first_state ELSE 'ASSIGNED' END) AS state,
  coalesce(t.seq, 1 + i.claims) AS seq,
  CASE WHEN i.parent_id IS NOT NULL THEN i.score END AS score, CASE WHEN i.parent_id IS NOT NULL THEN i.band END AS band
FROM input AS i
LEFT JOIN LATERAL (
  SELECT state, seq FROM task WHERE task.org = i.org AND task.id = i.known_id
  LIMIT 1
) AS t ON true
WHERE NOT i.accepted OR i.parent_id IS NOT NULL
