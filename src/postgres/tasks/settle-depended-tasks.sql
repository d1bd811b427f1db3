-- Settles as settle-tasks does, tasks that others depend on too: these move on in the same step.
-- Rows and parameters are those of settle-tasks; and one row for each dependent that moved on.
WITH
-- include ./parts/record-results.sql
,
ended AS (
  SELECT n, org, id, state, reason FROM changed WHERE NOT open
),
-- include ./parts/settle-edges.sql
SELECT c.n::int AS n, 'OK' AS kind, c.state, c.epoch, c.seq, c.agent_id, c.run_time, c.band, c.tier, c.score,
  s.kind AS kind_of_task, s.requirements, NULL::uuid AS dependent_id
FROM changed AS c
LEFT JOIN LATERAL (
  SELECT kind, requirements FROM task_spec
  WHERE task_spec.org = c.org AND task_spec.task_id = c.id AND c.state = 'SCHEDULED'
  LIMIT 1
) AS s ON true
UNION ALL
-- include ./parts/advanced-rows.sql
UNION ALL
SELECT n, kind, state, epoch, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM unsettled
