-- Those there are of some agents, deregistered ones too.
--   $1 text[] org   $2 text[] agent id
SELECT a.org, a.agent_id, a.spec, a.intent, a.registration_time, a.last_heartbeat_time, a.deregister_time
FROM unnest($1::text[], $2::text[]) AS i (org, agent_id)
CROSS JOIN LATERAL (
  SELECT * FROM agent WHERE agent.org = i.org AND agent.agent_id = i.agent_id
  LIMIT 1
) AS a
