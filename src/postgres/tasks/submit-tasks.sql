-- Inserts tasks, each with its spec, its first events and its request id. One row an input:
-- kind, and the task concerned as it is now.
--   $1 text[]    org                 $2 uuid[]  task id
--   $3 text[]    kind                $4 text[]  tier
--   $5 text[]    band                $6 text[]  source
--   $7 text[]    submitter           $8 uuid[]  parent or null
--   $9 text[]    labels (JSON)       $10 text[] requirements (JSON)
--   $11 text[]   retry (JSON)        $12 bigint[] attempt timeout in ms or null
--   $13 float8[] create time in ms   $14 float8[] run time in ms or null: runnable now
--   $15 bigint[] score               $16 text[] request id or null
--   $17 text[]   actor               $18 bytea  bodies and body hashes, one after the other
--   $19 int[], $20 int[]             where each body starts in $18 (from 1), its length
--   $21 int[], $22 int[]             the same of each body hash
--   $23 text[] goal, $24 text[] intent, $25 text[] job space
--   $26 text[] agent it is claimed for or null, $27 bigint[] how soon to be accepted, in ms
--   $28 float8[] not before, as it was asked for, in ms or null
--   $29 text[] name of the call that asked for it, or null
WITH input AS MATERIALIZED (
  SELECT i.*, r.task_id AS known_id, r.body_hash = substring($18::bytea FROM i.hash_at FOR i.hash_size) AS same_body,
    i.parent_id IS NULL OR p.id IS NOT NULL AS parent_known, (i.agent_id IS NOT NULL)::int AS claims,
    CASE WHEN i.run_ms IS NULL THEN 'QUEUED' ELSE 'SCHEDULED' END AS first_state,
    to_timestamp(i.run_ms / 1000) AS run_time
  FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[],
      $9::text[], $10::text[], $11::text[], $12::bigint[], $13::float8[], $14::float8[], $15::bigint[],
      $16::text[], $17::text[], $19::int[], $20::int[], $21::int[], $22::int[], $23::text[], $24::text[], $25::text[], $26::text[], $27::bigint[],
      $28::float8[], $29::text[])
    WITH ORDINALITY AS i (org, id, kind, tier, band, source, submitter, parent_id, labels, requirements, retry,
      attempt_timeout_ms, create_ms, run_ms, score, request_id, actor, body_at, body_size, hash_at, hash_size,
      goal, intent, job_space_id, agent_id, accept_ms, run_at_ms, lease_request_id, n)
  LEFT JOIN LATERAL (
    SELECT task_id, body_hash FROM request_id AS r
    WHERE r.org = i.org AND r.request_id = i.request_id
    LIMIT 1
  ) AS r ON true
  LEFT JOIN LATERAL (
    SELECT id FROM task WHERE task.org = i.org AND task.id = i.parent_id
    LIMIT 1
  ) AS p ON true
),
new_request AS (
  INSERT INTO request_id (org, request_id, body_hash, task_id)
  SELECT org, request_id, substring($18::bytea FROM hash_at FOR hash_size), id
  FROM input WHERE request_id IS NOT NULL AND known_id IS NULL AND parent_known
),
new_spec AS (
  INSERT INTO task_spec (org, task_id, kind, tier, source, goal, intent, submitter_subject_id, job_space_id, parent_id,
    labels, requirements, retry, attempt_timeout_ms, run_at, body)
  SELECT org, id, kind, tier, source, goal, intent, submitter, job_space_id, parent_id, labels::jsonb, requirements::jsonb, retry::jsonb,
    attempt_timeout_ms, to_timestamp(run_at_ms / 1000), substring($18::bytea FROM body_at FOR body_size)
  FROM input WHERE known_id IS NULL AND parent_known
),
new_task AS (
  INSERT INTO task (org, id, state, open, tier, band, score, seq, epoch, attempt, deliveries, create_time,
    runnable_time, run_time, agent_id, start_time, lease_expires_at)
  SELECT org, id, CASE claims WHEN 0 THEN first_state ELSE 'ASSIGNED' END, true, tier, band, score, 1 + claims,
    claims, claims, claims, to_timestamp(create_ms / 1000), CASE WHEN run_ms IS NULL THEN to_timestamp(create_ms / 1000) END, run_time, agent_id,
    CASE claims WHEN 1 THEN now() END, now() + accept_ms * interval '1 ms'
  FROM input WHERE known_id IS NULL AND parent_known
),
new_event AS (
  INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries, agent_id, actor, detail)
  SELECT org, id, 1 + claimed, CASE claimed WHEN 0 THEN 'SUBMITTED' ELSE 'CLAIMED' END,
    CASE claimed WHEN 0 THEN first_state ELSE 'ASSIGNED' END, claimed, 0, claimed, claimed,
    CASE claimed WHEN 1 THEN agent_id END, CASE claimed WHEN 0 THEN actor ELSE '' END,
    CASE
      WHEN claimed = 1 THEN NULL
      WHEN run_ms IS NULL THEN jsonb_build_object('tier', tier, 'source', source, 'kind', kind, 'score', score)
      ELSE jsonb_build_object('tier', tier, 'source', source, 'kind', kind, 'score', score, 'run_time', run_time)
    END
  FROM input CROSS JOIN generate_series(0, claims) AS claimed
  WHERE known_id IS NULL AND parent_known
),
new_lease_request AS (
  INSERT INTO lease_request (org, agent_id, request_id, task_id, epoch)
  SELECT org, agent_id, lease_request_id, id, 1 FROM input
  WHERE lease_request_id IS NOT NULL AND known_id IS NULL AND parent_known
)
SELECT i.n::int AS n,
  CASE
    WHEN i.same_body THEN 'ALREADY_SUBMITTED'
    WHEN i.known_id IS NOT NULL THEN 'REQUEST_ID_REUSED'
    WHEN NOT i.parent_known THEN 'PARENT_NOT_FOUND'
    ELSE 'SUBMITTED'
  END AS kind,
  coalesce(i.known_id, i.id) AS task_id,
  coalesce(t.state, CASE i.claims WHEN 0 THEN i.first_state ELSE 'ASSIGNED' END) AS state,
  coalesce(t.seq, 1 + i.claims) AS seq
FROM input AS i
LEFT JOIN LATERAL (
  SELECT state, seq FROM task WHERE task.org = i.org AND task.id = i.known_id
  LIMIT 1
) AS t ON true
