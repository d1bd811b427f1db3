-- Forgets awards, and keeps what was learned from them.
--   $1 text[] org   $2 uuid[] task id   $3 bigint[] epoch
--   $4 text[] org   $5 text[] kind      $6 text[] agent id   $7 text[] record (JSON)
WITH forgotten AS (
  DELETE FROM auction_award USING unnest($1::text[], $2::uuid[], $3::bigint[]) AS i (org, task_id, epoch)
  WHERE auction_award.org = i.org AND auction_award.task_id = i.task_id AND auction_award.epoch = i.epoch
)
INSERT INTO bidder (org, kind, agent_id, record)
SELECT org, kind, agent_id, record::jsonb
FROM unnest($4::text[], $5::text[], $6::text[], $7::text[]) AS b (org, kind, agent_id, record)
ORDER BY org, kind, agent_id
ON CONFLICT (org, kind, agent_id) DO UPDATE SET record = excluded.record, update_time = now()
