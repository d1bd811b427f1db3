-- Inserts agents or changes what they say of themselves; a deregistered one is back, ACTIVE.
-- History is written where something changed. One row an input.
--   $1 text[] org   $2 text[] agent id   $3 text[] spec (JSON)
WITH input AS MATERIALIZED (
  SELECT i.org, i.agent_id, i.spec::jsonb AS spec, i.n
  FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS i (org, agent_id, spec, n)
),
stored AS (
  INSERT INTO agent (org, agent_id, spec, intent, seq)
  SELECT org, agent_id, spec, 'ACTIVE', 1 FROM input ORDER BY n
  ON CONFLICT (org, agent_id) DO UPDATE SET
    spec = excluded.spec,
    intent = CASE WHEN agent.deregister_time IS NULL THEN agent.intent ELSE 'ACTIVE' END,
    seq = agent.seq + CASE WHEN agent.spec = excluded.spec AND agent.deregister_time IS NULL THEN 0 ELSE 1 END,
    last_heartbeat_time = now(),
    deregister_time = NULL
  RETURNING *
),
known AS MATERIALIZED (
  SELECT s.*, a.seq AS seq_before, a.deregister_time IS NULL AS was_registered
  FROM stored AS s
  LEFT JOIN LATERAL (
    SELECT seq, deregister_time FROM agent WHERE agent.org = s.org AND agent.agent_id = s.agent_id
    LIMIT 1
  ) AS a ON true
),
new_event AS (
  INSERT INTO agent_event (org, agent_id, seq, type, intent, actor, spec)
  SELECT org, agent_id, seq, CASE WHEN seq_before IS NOT NULL AND was_registered THEN 'SPEC_CHANGED' ELSE 'REGISTERED' END,
    intent, agent_id, spec
  FROM known WHERE seq IS DISTINCT FROM seq_before
)
SELECT org, agent_id, spec, intent, registration_time, last_heartbeat_time, deregister_time FROM known
