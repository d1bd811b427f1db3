-- Open workflows whose time has come, or of whose tasks some have ended, or are open again, since they were looked at.
--   $1 int at most so many
-- From one workflow to the next in the index: of one there may be many rows.
WITH RECURSIVE behind AS (
  (SELECT org, workflow_id FROM workflow_settled ORDER BY org, workflow_id LIMIT 1)
  UNION ALL
  SELECT n.org, n.workflow_id
  FROM behind AS b
  CROSS JOIN LATERAL (
    SELECT org, workflow_id FROM workflow_settled WHERE (org, workflow_id) > (b.org, b.workflow_id)
    ORDER BY org, workflow_id LIMIT 1
  ) AS n
)
(SELECT org, id FROM workflow WHERE wake_time <= now() ORDER BY wake_time LIMIT $1::int)
UNION
(
  SELECT w.org, w.id
  FROM behind AS b
  CROSS JOIN LATERAL (
    SELECT org, id FROM workflow WHERE workflow.org = b.org AND workflow.id = b.workflow_id AND open
    LIMIT 1
  ) AS w
  LIMIT $1::int
)
LIMIT $1::int
