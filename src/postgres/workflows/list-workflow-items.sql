-- The next tasks of a node's run, by item, each with its newest result; fewer where results are large, but at least one.
--   $1 text org   $2 uuid workflow   $3 int node   $4 int after this item   $5 int at most so many
--   $6 bool with outputs and details of errors   $7 int at most so many bytes of results
-- The organisation is hidden from indexes that begin with it: one without statistics seems to have one row.
-- What does not fit is measured and not read: the length of a value stands where it is referred to.
SELECT item, id, series, state, reason, create_time, finish_time, outcome, summary, output_media_type, output,
  error_kind, error_message, error_retryable, error_detail_media_type, error_detail
FROM (
  SELECT t.workflow_item AS item, t.id, t.series, t.state, t.reason, t.create_time, t.finish_time, r.*,
    row_number() OVER by_item AS place,
    sum(coalesce(octet_length(r.output), 0) + coalesce(octet_length(r.error_detail), 0)
      + coalesce(octet_length(r.summary), 0) + coalesce(octet_length(r.error_message), 0)) OVER by_item AS bytes
  FROM (
    SELECT id, series, state, reason, create_time, finish_time, workflow_item FROM task
    WHERE org || '' = $1 AND workflow_id = $2::uuid AND workflow_node = $3::int AND workflow_item > $4::int
      AND workflow_run = (SELECT run FROM workflow_node WHERE workflow_id = $2::uuid AND node = $3::int AND org = $1)
    ORDER BY workflow_item LIMIT $5::int
  ) AS t
  LEFT JOIN LATERAL (
    SELECT outcome, summary, CASE WHEN $6::bool THEN output_media_type END AS output_media_type,
      CASE WHEN $6::bool THEN output END AS output, error_kind, error_message, error_retryable,
      CASE WHEN $6::bool THEN error_detail_media_type END AS error_detail_media_type,
      CASE WHEN $6::bool THEN error_detail END AS error_detail
    FROM task_result WHERE task_result.org = $1 AND task_result.task_id = t.id
    ORDER BY epoch DESC LIMIT 1
  ) AS r ON true
  WINDOW by_item AS (ORDER BY t.workflow_item ROWS UNBOUNDED PRECEDING)
) AS page
WHERE place = 1 OR bytes <= $7::int
ORDER BY item
