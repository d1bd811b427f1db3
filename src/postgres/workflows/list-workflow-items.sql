-- The next tasks of a node's run, by item, each with its newest result.
--   $1 text org   $2 uuid workflow   $3 int node   $4 int after this item   $5 int at most so many
-- The organisation is hidden from indexes that begin with it: one without statistics seems to have one row.
SELECT t.workflow_item AS item, t.id, t.state, t.reason, t.create_time, t.finish_time,
  r.outcome, r.summary, r.output_media_type, r.output, r.error_kind, r.error_message, r.error_retryable,
  r.error_detail_media_type, r.error_detail
FROM (
  SELECT id, state, reason, create_time, finish_time, workflow_item FROM task
  WHERE org || '' = $1 AND workflow_id = $2::uuid AND workflow_node = $3::int AND workflow_item > $4::int
    AND workflow_run = (SELECT run FROM workflow_node WHERE workflow_id = $2::uuid AND node = $3::int AND org = $1)
  ORDER BY workflow_item LIMIT $5::int
) AS t
LEFT JOIN LATERAL (
  SELECT outcome, summary, output_media_type, output, error_kind, error_message, error_retryable,
    error_detail_media_type, error_detail
  FROM task_result WHERE task_result.org = $1 AND task_result.task_id = t.id
  ORDER BY epoch DESC LIMIT 1
) AS r ON true
ORDER BY t.workflow_item
