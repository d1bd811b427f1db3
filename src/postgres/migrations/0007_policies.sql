-- min_coordinator: 7
--
-- What organisations set themselves, approvals, and who is chosen for a task by other means than load.

-- Rises with every change of what an organisation has set: coordinators read it anew then. Who polls looks
-- at what changed lately.
CREATE TABLE org_rules (
  org text COLLATE "C" PRIMARY KEY,
  version bigint NOT NULL,
  update_time timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX org_rules_update_time_idx ON org_rules (update_time);

CREATE TABLE org_config (
  org text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  value jsonb NOT NULL,
  version bigint NOT NULL,
  update_time timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL,
  PRIMARY KEY (org, key)
);

-- All versions, for the trails that name them.
CREATE TABLE policy (
  org text COLLATE "C" NOT NULL,
  policy_id text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('APPROVAL', 'PRIORITY', 'AUCTION_INPUT', 'PLAN_RETRIEVE')),
  -- {"kind": "CEL", "expression"} or {"kind": "REMOTE", "address", "plaintext"}
  rule jsonb NOT NULL,
  on_error text NOT NULL CHECK (on_error IN ('REJECT', 'ACCEPT', 'DEFAULT')),
  deadline_ms bigint,
  description text NOT NULL,
  create_time timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL,
  deleted boolean NOT NULL DEFAULT false,
  PRIMARY KEY (org, policy_id, version)
);

CREATE TABLE job_kind (
  org text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  input_schema jsonb,
  required_fields jsonb NOT NULL,
  validate text NOT NULL,
  description text NOT NULL,
  version bigint NOT NULL,
  update_time timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL,
  PRIMARY KEY (org, kind)
);

CREATE TABLE role (
  org text COLLATE "C" NOT NULL,
  role_id text COLLATE "C" NOT NULL,
  role_type text NOT NULL,
  -- Empty: it counts in all.
  job_space_id text NOT NULL,
  group_ids text[] NOT NULL,
  attributes jsonb NOT NULL,
  description text NOT NULL,
  update_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org, role_id)
);

CREATE TABLE subject (
  org text COLLATE "C" NOT NULL,
  subject_id text COLLATE "C" NOT NULL,
  subject_type text NOT NULL,
  role_ids text[] NOT NULL,
  group_ids text[] NOT NULL,
  attributes jsonb NOT NULL,
  update_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org, subject_id)
);
CREATE INDEX subject_role_ids_idx ON subject USING gin (role_ids);
CREATE INDEX subject_group_ids_idx ON subject USING gin (group_ids);

-- Tasks of which a person was asked. Open while there is no verdict and the task is AWAITING_APPROVAL.
CREATE TABLE task_approval (
  org text COLLATE "C" NOT NULL,
  task_id uuid NOT NULL,
  reason text NOT NULL,
  policy_id text NOT NULL,
  policy_version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  due_time timestamptz NOT NULL,
  default_verdict text NOT NULL CHECK (default_verdict IN ('APPROVE', 'REJECT')),
  verdict text CHECK (verdict IN ('APPROVE', 'REJECT')),
  approver text,
  verdict_reason text,
  verdict_time timestamptz,
  -- False once it was decided, or the task has ended otherwise.
  open boolean NOT NULL DEFAULT true,
  PRIMARY KEY (org, task_id)
);
CREATE INDEX task_approval_due_idx ON task_approval (due_time) WHERE open;
CREATE INDEX task_approval_org_idx ON task_approval (org, due_time, task_id) WHERE open;

ALTER TABLE task_spec
  -- What policies said at the submission: a list of decisions. Null: none was asked.
  ADD decisions jsonb,
  -- Born assigned: how its agent was chosen.
  ADD claim_selection jsonb;

-- What can be read of a task's trail, as 0006 has it, and decisions.
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
SELECT org, task_id, seq, CASE WHEN state IN ('SUCCEEDED', 'CANCELLED') THEN state ELSE 'FAILED' END, state,
  create_time, epoch, series, attempt, deliveries, agent_id COLLATE "default", '', reason,
  CASE WHEN error_kind IS NOT NULL THEN jsonb_strip_nulls(jsonb_build_object(
    'error_kind', error_kind, 'error_message', error_message, 'run_time', run_time)) END
FROM task_result WHERE seq IS NOT NULL;
