-- Notes when agents were last heard of; never moves back. Unknown ones are ignored.
--   $1 text[] org   $2 text[] agent id   $3 float8[] time in ms
WITH locked AS MATERIALIZED (
  SELECT i.org, i.agent_id, i.ms
  FROM unnest($1::text[], $2::text[], $3::float8[]) WITH ORDINALITY AS i (org, agent_id, ms, n)
  CROSS JOIN LATERAL (
    SELECT FROM agent WHERE agent.org = i.org AND agent.agent_id = i.agent_id
    FOR UPDATE SKIP LOCKED
  ) AS a
)
UPDATE agent SET last_heartbeat_time = greatest(agent.last_heartbeat_time, to_timestamp(l.ms / 1000))
FROM locked AS l
WHERE agent.org = l.org AND agent.agent_id = l.agent_id
