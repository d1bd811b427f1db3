-- Open tasks whose workflow is over, or gone.
--   $1 int at most so many
-- From one workflow with open tasks to the next in the index.
-- The organisation is hidden from indexes that begin with it: one without statistics seems to have one row.
WITH RECURSIVE part AS (
  (SELECT org, workflow_id FROM task WHERE open AND workflow_id IS NOT NULL ORDER BY workflow_id LIMIT 1)
  UNION ALL
  SELECT n.org, n.workflow_id
  FROM part AS p
  CROSS JOIN LATERAL (
    SELECT org, workflow_id FROM task
    WHERE open AND workflow_id > p.workflow_id
    ORDER BY workflow_id LIMIT 1
  ) AS n
)
SELECT p.org, t.id, t.series
FROM part AS p
CROSS JOIN LATERAL (
  SELECT count(*) AS open FROM (
    SELECT FROM workflow WHERE workflow.org = p.org AND workflow.id = p.workflow_id AND open LIMIT 1
  ) AS w
) AS w
CROSS JOIN LATERAL (
  SELECT id, series FROM task WHERE open AND task.org || '' = p.org AND task.workflow_id = p.workflow_id AND w.open = 0
  LIMIT $1::int
) AS t
LIMIT $1::int
