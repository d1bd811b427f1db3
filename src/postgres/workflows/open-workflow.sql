-- A workflow, its nodes and what of these is not absorbed yet, as of one moment. One row if there is one.
--   $1 text org   $2 uuid id
SELECT
-- include ./parts/workflow-columns.sql
  , coalesce((
    SELECT json_agg(json_build_object('node', node, 'state', state, 'reason', reason, 'run', run, 'total', total,
      'submitted', submitted, 'succeeded', succeeded, 'failed', failed,
      'start_time', floor(extract(epoch FROM start_time) * 1000),
      'finish_time', floor(extract(epoch FROM finish_time) * 1000)) ORDER BY node)
    FROM workflow_node WHERE workflow_id = $2::uuid AND org = $1
  ), '[]') AS nodes,
  coalesce((
    SELECT json_agg(json_build_object('node', node, 'run', run, 'succeeded', succeeded, 'count', count))
    FROM (
      SELECT node, run, succeeded, sum(delta)::int AS count FROM workflow_settled
      WHERE org = $1 AND workflow_id = $2::uuid
      GROUP BY node, run, succeeded
    ) AS d
  ), '[]') AS settled
FROM (SELECT * FROM workflow WHERE org = $1 AND id = $2::uuid LIMIT 1) AS w
-- include ./parts/own-spec.sql
