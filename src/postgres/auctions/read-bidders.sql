-- What some bidders are worth.
--   $1 text org   $2 text[] kind   $3 text[] agent id
SELECT b.org, b.kind, b.agent_id, b.record, b.update_time
FROM unnest($2::text[], $3::text[]) AS i (kind, agent_id)
CROSS JOIN LATERAL (
  SELECT * FROM bidder WHERE bidder.org = $1 AND bidder.kind = i.kind AND bidder.agent_id = i.agent_id LIMIT 1
) AS b
