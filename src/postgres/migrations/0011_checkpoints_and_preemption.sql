-- min_coordinator: 8
--
-- What attempts leave for the next one, and tasks that are sent back while they run.

ALTER TABLE task
  -- How often it was sent back in this series.
  ADD preemptions smallint NOT NULL DEFAULT 0,
  -- Whether there is a row of `task_checkpoint`: claims look for one only then.
  ADD has_checkpoint boolean NOT NULL DEFAULT false;

-- What the next attempt goes on from: at most one a task, the newest. Goes with its task.
CREATE TABLE task_checkpoint (
  org text COLLATE "C" NOT NULL,
  task_id uuid NOT NULL,
  -- Of the claim that left it.
  epoch bigint NOT NULL,
  attempt integer NOT NULL,
  media_type text NOT NULL,
  data bytea NOT NULL,
  update_time timestamptz NOT NULL,
  PRIMARY KEY (task_id, org)
) WITH (
  -- Rewritten about once a second while an attempt says how far it is.
  fillfactor = 50,
  autovacuum_vacuum_scale_factor = 0.01,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0
);

-- Whether LOW tasks of the kind may be sent back while they run.
ALTER TABLE job_kind ADD preemptible boolean NOT NULL DEFAULT false;

-- As 0007 has it; a settlement that leads to QUEUED is the end of a preemption.
CREATE OR REPLACE VIEW task_trail AS
SELECT org, task_id, seq, type, state, event_time, epoch, series, attempt, deliveries, agent_id, actor, reason, detail
FROM task_event
UNION ALL
SELECT org, task_id, 1, 'SUBMITTED', CASE WHEN submit_run_time IS NULL THEN 'QUEUED' ELSE 'SCHEDULED' END,
  submit_time, 0::bigint, 0, 0, 0, NULL, coalesce(submit_actor, submitter_subject_id), '',
  jsonb_build_object('tier', submit_tier, 'source', source, 'kind', kind, 'score', submit_score)
    || CASE WHEN submit_run_time IS NULL THEN '{}' ELSE jsonb_build_object('run_time', submit_run_time) END
    || CASE WHEN decisions IS NULL THEN '{}' ELSE jsonb_build_object('decisions', decisions) END
FROM task_spec WHERE submit_time IS NOT NULL
UNION ALL
SELECT org, task_id, 2, 'CLAIMED', 'ASSIGNED', submit_time, 1::bigint, 0, 1, 1, claim_agent_id, '', '', claim_selection
FROM task_spec WHERE submit_time IS NOT NULL AND claim_agent_id IS NOT NULL
UNION ALL
SELECT org, task_id, seq - 1, 'ACCEPTED', 'RUNNING', create_time, epoch, series, attempt, deliveries,
  agent_id COLLATE "default", '', '', NULL
FROM task_result WHERE accepts
UNION ALL
SELECT org, task_id, seq,
  CASE WHEN state IN ('SUCCEEDED', 'CANCELLED') THEN state WHEN state = 'QUEUED' THEN 'PREEMPTED' ELSE 'FAILED' END,
  state, create_time, epoch, series, attempt, deliveries, agent_id COLLATE "default", '', reason,
  CASE WHEN error_kind IS NOT NULL THEN jsonb_strip_nulls(jsonb_build_object(
    'error_kind', error_kind, 'error_message', error_message, 'run_time', run_time)) END
FROM task_result WHERE seq IS NOT NULL;
