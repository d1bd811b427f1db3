-- The next agents of all orgs by (org, agent id), deregistered ones too.
--   $1 text, $2 text after this org and agent id   $3 int at most so many
SELECT org, agent_id, spec, intent, registration_time, last_heartbeat_time, deregister_time
FROM agent WHERE (org, agent_id) > ($1, $2)
ORDER BY org, agent_id LIMIT $3::int
