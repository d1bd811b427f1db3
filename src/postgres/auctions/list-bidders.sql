-- What bidders of an organisation are worth, by kind and agent.
--   $1 text org   $2 text agent, null: all   $3 text kind, null: all   $4, $5 text after this kind and agent, null: from the first   $6 int
SELECT org, kind, agent_id, record, update_time FROM bidder
WHERE org = $1 AND agent_id = coalesce($2, agent_id) AND kind = coalesce($3, kind)
  AND ($4::text IS NULL OR (kind, agent_id) > ($4::text, $5::text))
ORDER BY kind, agent_id LIMIT $6::int
