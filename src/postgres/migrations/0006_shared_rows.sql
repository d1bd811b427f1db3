-- min_coordinator: 6
--
-- Events that come with a row of their own stand in it: a submission with its spec, the end of an attempt
-- with its result. Three rows and three entries of an index less for a task that runs through. `task_event`
-- has all others, and those from before 0006; `task_trail` shows them all. (A coordinator that runs meanwhile
-- goes on writing rows of `task_event`.)

-- The submission, as it was: null where its event is a row of its own.
ALTER TABLE task_spec
  ADD submit_time timestamptz,
  -- UpdateTask changes `tier`.
  ADD submit_tier text,
  ADD submit_score bigint,
  ADD submit_run_time timestamptz,
  -- Null: the submitter itself.
  ADD submit_actor text,
  -- Born assigned: the agent it was claimed for by the event after this.
  ADD claim_agent_id text;

-- The settlement: its number is null where its event is a row of its own.
ALTER TABLE task_result
  ADD seq integer,
  ADD state text,
  ADD deliveries integer,
  -- Whether the event before it is the accept, which was not recorded until then.
  ADD accepts boolean,
  ADD reason text,
  -- With SCHEDULED: when it may run again.
  ADD run_time timestamptz;

CREATE VIEW task_trail AS
SELECT org, task_id, seq, type, state, event_time, epoch, series, attempt, deliveries, agent_id, actor, reason, detail
FROM task_event
UNION ALL
SELECT org, task_id, 1, 'SUBMITTED', CASE WHEN submit_run_time IS NULL THEN 'QUEUED' ELSE 'SCHEDULED' END,
  submit_time, 0::bigint, 0, 0, 0, NULL, coalesce(submit_actor, submitter_subject_id), '',
  jsonb_build_object('tier', submit_tier, 'source', source, 'kind', kind, 'score', submit_score)
    || CASE WHEN submit_run_time IS NULL THEN '{}' ELSE jsonb_build_object('run_time', submit_run_time) END
FROM task_spec WHERE submit_time IS NOT NULL
UNION ALL
SELECT org, task_id, 2, 'CLAIMED', 'ASSIGNED', submit_time, 1::bigint, 0, 1, 1, claim_agent_id, '', '', NULL
FROM task_spec WHERE submit_time IS NOT NULL AND claim_agent_id IS NOT NULL
UNION ALL
SELECT org, task_id, seq - 1, 'ACCEPTED', 'RUNNING', create_time, epoch, series, attempt, deliveries,
  agent_id COLLATE "default", '', '', NULL
FROM task_result WHERE accepts
UNION ALL
SELECT org, task_id, seq, CASE WHEN state IN ('SUCCEEDED', 'CANCELLED') THEN state ELSE 'FAILED' END, state,
  create_time, epoch, series, attempt, deliveries, agent_id COLLATE "default", '', reason,
  CASE WHEN error_kind IS NOT NULL THEN jsonb_strip_nulls(jsonb_build_object(
    'error_kind', error_kind, 'error_message', error_message, 'run_time', run_time)) END
FROM task_result WHERE seq IS NOT NULL;
