-- What a workflow was started with. One row if there is one.
--   $1 text org   $2 uuid id
SELECT spec FROM workflow_spec WHERE org = $1 AND workflow_id = $2::uuid LIMIT 1
