-- The rows that a submission always writes, from `input`, where it is `accepted`: its event stands in that of
-- the spec if there is a `submit_time`.
new_request AS (
  INSERT INTO request_id (org, request_id, body_hash, task_id)
  SELECT org, request_id, substring($18::bytea FROM hash_at FOR hash_size), id
  FROM input WHERE request_id IS NOT NULL AND accepted
),
new_spec AS (
  INSERT INTO task_spec (org, task_id, kind, tier, source, goal, intent, submitter_subject_id, job_space_id, parent_id,
    labels, requirements, retry, attempt_timeout_ms, run_at, dependencies, body,
    submit_time, submit_tier, submit_score, submit_run_time, submit_actor, claim_agent_id, decisions, claim_selection,
    workflow_group, workflow_task)
  SELECT org, id, kind, tier, source, coalesce(goal, ''), coalesce(intent, ''), submitter, coalesce(job_space_id, ''), parent_id,
    coalesce(labels::jsonb, '{}'), requirements::jsonb, retry::jsonb,
    attempt_timeout_ms, to_timestamp(run_at_ms / 1000), dependencies::jsonb, substring($18::bytea FROM body_at FOR body_size),
    submit_time, tier, score, run_time, nullif(actor, submitter), agent_id,
    CASE WHEN submit_time IS NOT NULL THEN decisions END, selection::jsonb,
    workflow_group, workflow_task
  FROM input WHERE accepted
),
