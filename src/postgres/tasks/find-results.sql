-- Results of claims. One row for each that has one.
--   $1 text[] org   $2 uuid[] task id   $3 bigint[] epoch
SELECT i.n::int AS n, r.result_id, r.agent_id
FROM unnest($1::text[], $2::uuid[], $3::bigint[]) WITH ORDINALITY AS i (org, id, epoch, n)
CROSS JOIN LATERAL (
  SELECT result_id, agent_id FROM task_result
  WHERE task_result.org = i.org AND task_result.task_id = i.id AND task_result.epoch = i.epoch
  LIMIT 1
) AS r
