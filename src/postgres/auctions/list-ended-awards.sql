-- Looks at awards, oldest first: one row each, with the event that ended the attempt (null: it goes on, or there was
-- none) and whether it is over: the task is gone, has ended or was claimed anew.
--   $1 timestamptz, $2 uuid, $3 bigint after this one   $4 int how many   $5 text[] events that end an attempt
SELECT a.org, a.task_id, a.epoch, a.agent_id, a.kind, a.eta_ms, a.confidence, a.price, a.probability,
  a.award_time,
  e.type, e.event_time, t.id IS NULL OR NOT t.open OR t.epoch > a.epoch AS over
FROM (
  SELECT * FROM auction_award WHERE (award_time, task_id, epoch) > ($1::timestamptz, $2::uuid, $3::bigint)
  ORDER BY award_time, task_id, epoch LIMIT $4::int
) AS a
LEFT JOIN LATERAL (
  SELECT id, open, epoch FROM task WHERE task.org = a.org AND task.id = a.task_id LIMIT 1
) AS t ON true
LEFT JOIN LATERAL (
  SELECT type, event_time FROM task_trail AS event
  WHERE event.org = a.org AND event.task_id = a.task_id AND event.epoch = a.epoch AND event.agent_id = a.agent_id
    AND event.type = ANY ($5::text[])
  ORDER BY seq DESC LIMIT 1
) AS e ON true
ORDER BY a.award_time, a.task_id, a.epoch
