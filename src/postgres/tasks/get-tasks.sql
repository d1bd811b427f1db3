-- Tasks with their specs and newest results. One row for each that the org has.
--   $1 text  org   $2 uuid[] task ids   $3 boolean with bodies   $4 boolean with outputs
SELECT i.n::int AS n, t.id, t.state, t.tier, t.score, t.seq, t.epoch, t.series, t.attempt, t.deliveries, t.preemptions, t.has_checkpoint, t.agent_id,
  t.reason, t.create_time, t.runnable_time, t.run_time, t.start_time, t.finish_time, t.deadline, t.pending,
  t.workflow_id, t.workflow_node, t.workflow_run, t.workflow_item, s.workflow_group, s.workflow_task,
  s.kind, s.tier AS spec_tier, s.source, s.goal, s.intent, s.submitter_subject_id, s.job_space_id, s.parent_id, s.labels, s.requirements, s.retry,
  s.attempt_timeout_ms, s.run_at, s.dependencies, s.body,
  r.epoch AS result_epoch, r.outcome, r.create_time AS result_time, r.summary, r.output_media_type, r.output,
  r.error_kind, r.error_message, r.error_retryable, r.error_detail_media_type, r.error_detail
FROM unnest($2::uuid[]) WITH ORDINALITY AS i (id, n)
CROSS JOIN LATERAL (
  SELECT * FROM task WHERE task.org = $1 AND task.id = i.id
  LIMIT 1
) AS t
CROSS JOIN LATERAL (
  SELECT kind, tier, source, goal, intent, submitter_subject_id, job_space_id, parent_id, labels, requirements, retry,
    attempt_timeout_ms, run_at, dependencies, workflow_group, workflow_task,
    CASE WHEN $3::boolean THEN body END AS body
  FROM task_spec WHERE task_spec.org = $1 AND task_spec.task_id = i.id
  LIMIT 1
) AS s
LEFT JOIN LATERAL (
  SELECT epoch, outcome, create_time, summary, CASE WHEN $4::boolean THEN output_media_type END AS output_media_type,
    CASE WHEN $4::boolean THEN output END AS output,
    error_kind, error_message, error_retryable, error_detail_media_type, error_detail
  FROM task_result WHERE task_result.org = $1 AND task_result.task_id = i.id
  ORDER BY epoch DESC LIMIT 1
) AS r ON true
