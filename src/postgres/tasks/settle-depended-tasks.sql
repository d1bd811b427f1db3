-- Settles as settle-tasks does, tasks that others depend on too: these move on in the same step.
-- Rows and parameters are those of settle-tasks; and one row for each dependent that moved on.
WITH
-- include ./parts/record-results.sql
,
ended AS (
  SELECT n, org, id, state, reason FROM changed WHERE NOT open
),
-- include ./parts/settle-edges.sql
SELECT n::int AS n, 'OK' AS kind, state, epoch, seq, agent_id, run_time, band, tier, score,
  NULL AS kind_of_task, NULL::jsonb AS requirements, NULL::uuid AS dependent_id, workflow_id
FROM changed
UNION ALL
-- include ./parts/advanced-rows.sql
UNION ALL
SELECT n, kind, state, epoch, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM unsettled
