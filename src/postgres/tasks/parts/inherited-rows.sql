-- The tasks that became more urgent, with what the index needs.
SELECT h.n::int AS n, 'INHERITED' AS kind, h.id AS task_id, h.state, h.epoch, h.seq, h.score, h.band, h.tier, s.kind AS kind_of_task,
  CASE WHEN h.state IN ('QUEUED', 'SCHEDULED') THEN s.requirements END AS requirements, h.agent_id
FROM inherited AS h
CROSS JOIN LATERAL (
  SELECT kind, requirements FROM task_spec WHERE task_spec.org = h.org AND task_spec.task_id = h.id
  LIMIT 1
) AS s
