-- Notes whom auctions gave tasks to.
--   $1 text[] org       $2 uuid[] task id   $3 bigint[] epoch        $4 text[] agent id   $5 text[] kind
--   $6 bigint[] ETA in ms   $7 double precision[] confidence   $8 double precision[] price
--   $9 double precision[] probability   $10 timestamptz[] award time
INSERT INTO auction_award (org, task_id, epoch, agent_id, kind, eta_ms, confidence, price, probability, award_time)
SELECT DISTINCT ON (task_id, epoch, org) *
FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::double precision[],
    $8::double precision[], $9::double precision[], $10::timestamptz[])
  AS i (org, task_id, epoch, agent_id, kind, eta_ms, confidence, price, probability, award_time)
ON CONFLICT (task_id, epoch, org) DO UPDATE SET agent_id = excluded.agent_id, kind = excluded.kind,
  eta_ms = excluded.eta_ms, confidence = excluded.confidence, price = excluded.price, probability = excluded.probability,
  award_time = excluded.award_time
