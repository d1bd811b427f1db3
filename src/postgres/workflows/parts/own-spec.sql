CROSS JOIN LATERAL (
  SELECT name, labels, submitter_subject_id FROM workflow_spec
  WHERE workflow_spec.org = w.org AND workflow_spec.workflow_id = w.id
  LIMIT 1
) AS s
