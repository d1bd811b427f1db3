-- Sets whether an agent is to get work; the same again: unchanged. No row if the org has none
-- of that id.
--   $1 text org   $2 text agent id   $3 text intent   $4 text actor
WITH found AS MATERIALIZED (
  SELECT org, agent_id, intent FROM agent WHERE org = $1 AND agent_id = $2
  FOR UPDATE
),
changed AS (
  UPDATE agent SET intent = $3, seq = agent.seq + 1
  FROM found
  WHERE agent.org = $1 AND agent.agent_id = $2 AND found.intent <> $3
  RETURNING agent.*
),
new_event AS (
  INSERT INTO agent_event (org, agent_id, seq, type, intent, actor)
  SELECT org, agent_id, seq, 'INTENT_SET', intent, $4 FROM changed
)
SELECT org, agent_id, spec, intent, registration_time, last_heartbeat_time, deregister_time FROM changed
UNION ALL
SELECT a.org, a.agent_id, a.spec, a.intent, a.registration_time, a.last_heartbeat_time, a.deregister_time
FROM found JOIN agent AS a ON a.org = $1 AND a.agent_id = $2
WHERE found.intent = $3
