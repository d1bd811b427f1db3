-- min_coordinator: 1
--
-- The record of tasks and agents.
--
-- A task is a narrow row that every transition rewrites (task), apart from what never
-- changes (task_spec), from what attempts left (task_result) and from its audit trail
-- (task_event). Org is in every key. No foreign keys: a batch statement writes all of a
-- task's rows or none, and the checks would cost as much as the writes.

-- The hot row. Columns of an index, its predicate included, must not change in a
-- transition, or the update is not HOT: so besides the key there is one index only, and
-- `open` changes once, at the end. Half of each page is kept free because tasks submitted
-- together are claimed together: a page's rows are all rewritten at once.
CREATE TABLE task (
  org text COLLATE "C" NOT NULL,
  id uuid NOT NULL,
  state text NOT NULL CONSTRAINT task_state_known CHECK (state IN (
    'AWAITING_APPROVAL', 'BLOCKED', 'SCHEDULED', 'QUEUED', 'ASSIGNED', 'RUNNING', 'PREEMPTING',
    'INPUT_REQUIRED', 'CANCELLING', 'SUCCEEDED', 'FAILED', 'DEAD_LETTER', 'CANCELLED', 'TIMED_OUT',
    'SKIPPED', 'REJECTED')),
  open boolean NOT NULL,
  tier text NOT NULL,
  band text NOT NULL,
  -- Milliseconds; the lowest goes first. While BLOCKED: as if it were runnable since its submission.
  score bigint NOT NULL,
  -- What its tier is worth, in ms; what it may lower its score to for tasks that wait for it.
  head_start_ms bigint NOT NULL DEFAULT 0,
  inherited_score bigint,
  -- The number of the newest event.
  seq integer NOT NULL,
  epoch bigint NOT NULL DEFAULT 0,
  series integer NOT NULL DEFAULT 0,
  attempt integer NOT NULL DEFAULT 0,
  deliveries integer NOT NULL DEFAULT 0,
  -- By when it has to end, whatever its state.
  deadline timestamptz,
  -- Open edges to tasks it depends on.
  pending integer NOT NULL DEFAULT 0,
  create_time timestamptz NOT NULL,
  runnable_time timestamptz,
  run_time timestamptz,
  start_time timestamptz,
  finish_time timestamptz,
  lease_expires_at timestamptz,
  attempt_deadline timestamptz,
  -- Who holds it, or held it last.
  agent_id text,
  reason text NOT NULL DEFAULT '',
  PRIMARY KEY (org, id),
  CONSTRAINT task_open_until_terminal CHECK (open = (state NOT IN (
    'SUCCEEDED', 'FAILED', 'DEAD_LETTER', 'CANCELLED', 'TIMED_OUT', 'SKIPPED', 'REJECTED'))),
  CONSTRAINT task_lease_while_leased CHECK ((lease_expires_at IS NOT NULL) = (state IN (
    'ASSIGNED', 'RUNNING', 'PREEMPTING', 'CANCELLING'))),
  CONSTRAINT task_run_time_while_scheduled CHECK ((run_time IS NOT NULL) = (state = 'SCHEDULED')),
  CONSTRAINT task_finish_time_when_ended CHECK ((finish_time IS NULL) = open)
) WITH (
  fillfactor = 50,
  autovacuum_vacuum_scale_factor = 0.01,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0,
  autovacuum_analyze_scale_factor = 0.05
);
CREATE INDEX task_open_idx ON task (org, id) WHERE open;

-- What was asked for. Partitioned, like result and event, by the day in the task's id.
CREATE TABLE task_spec (
  org text COLLATE "C" NOT NULL,
  task_id uuid NOT NULL,
  kind text NOT NULL,
  tier text NOT NULL,
  source text NOT NULL,
  goal text NOT NULL DEFAULT '',
  intent text NOT NULL DEFAULT '',
  submitter_subject_id text NOT NULL,
  job_space_id text NOT NULL DEFAULT '',
  parent_id uuid,
  labels jsonb NOT NULL,
  requirements jsonb NOT NULL,
  retry jsonb NOT NULL,
  attempt_timeout_ms bigint,
  run_at timestamptz,
  -- Tasks it depends on: [{"taskId", "runAnyway"}].
  dependencies jsonb,
  -- The whole spec as it came over the wire.
  body bytea NOT NULL,
  PRIMARY KEY (org, task_id)
) PARTITION BY RANGE (task_id);
CREATE INDEX task_spec_parent_idx ON task_spec (org, parent_id, task_id) WHERE parent_id IS NOT NULL;
CREATE TABLE task_spec_default PARTITION OF task_spec DEFAULT;

-- What an attempt left: at most one a claim.
CREATE TABLE task_result (
  org text COLLATE "C" NOT NULL,
  task_id uuid NOT NULL,
  epoch bigint NOT NULL,
  series integer NOT NULL,
  attempt integer NOT NULL,
  -- The agent's name for it, the same in every repeat.
  result_id uuid NOT NULL,
  agent_id text COLLATE "C" NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('SUCCEEDED', 'FAILED', 'CANCELLED')),
  create_time timestamptz NOT NULL,
  summary text NOT NULL,
  output_media_type text,
  output bytea,
  error_kind text,
  error_message text,
  error_retryable boolean,
  error_detail_media_type text,
  error_detail bytea,
  PRIMARY KEY (org, task_id, epoch)
) PARTITION BY RANGE (task_id);
CREATE TABLE task_result_default PARTITION OF task_result DEFAULT;

-- The audit trail, gapless per task. Columns tell how things are after the event, so that
-- the last one of a trail is the row.
CREATE TABLE task_event (
  org text COLLATE "C" NOT NULL,
  task_id uuid NOT NULL,
  seq integer NOT NULL,
  type text NOT NULL,
  state text NOT NULL,
  event_time timestamptz NOT NULL DEFAULT now(),
  epoch bigint NOT NULL,
  series integer NOT NULL,
  attempt integer NOT NULL,
  deliveries integer NOT NULL,
  -- The agent concerned, if any.
  agent_id text,
  -- Who caused it: a subject, or empty for the coordinator itself.
  actor text NOT NULL DEFAULT '',
  reason text NOT NULL DEFAULT '',
  detail jsonb,
  PRIMARY KEY (org, task_id, seq)
) PARTITION BY RANGE (task_id);
CREATE TABLE task_event_default PARTITION OF task_event DEFAULT;

-- A dependency of `task_id` on `upstream_id`: open until the upstream has ended, open again if
-- the end that broke it is undone by a retry.
CREATE TABLE task_edge (
  org text COLLATE "C" NOT NULL,
  task_id uuid NOT NULL,
  upstream_id uuid NOT NULL,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'satisfied', 'broken')),
  -- Whether the dependent runs however the upstream ends.
  run_anyway boolean NOT NULL DEFAULT false,
  PRIMARY KEY (org, task_id, upstream_id)
);
CREATE INDEX task_edge_upstream_idx ON task_edge (org, upstream_id, task_id) WHERE state <> 'satisfied';

-- Names of submissions, so that a repeat finds the task of the first.
CREATE TABLE request_id (
  org text COLLATE "C" NOT NULL,
  request_id text COLLATE "C" NOT NULL,
  body_hash bytea NOT NULL,
  task_id uuid NOT NULL,
  create_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org, request_id)
);

-- Claims by the call that asked for them, so that its repeat finds them. Forgotten after an hour.
CREATE TABLE lease_request (
  org text COLLATE "C" NOT NULL,
  agent_id text COLLATE "C" NOT NULL,
  request_id text COLLATE "C" NOT NULL,
  task_id uuid NOT NULL,
  epoch bigint NOT NULL,
  create_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org, agent_id, request_id, task_id, epoch)
);
CREATE INDEX lease_request_create_time_idx ON lease_request (create_time);

CREATE TABLE agent (
  org text COLLATE "C" NOT NULL,
  agent_id text COLLATE "C" NOT NULL,
  -- What it says of itself, without its id.
  spec jsonb NOT NULL,
  intent text NOT NULL CHECK (intent IN ('ACTIVE', 'INACTIVE', 'DRAINING')),
  -- The number of the newest event.
  seq integer NOT NULL,
  registration_time timestamptz NOT NULL DEFAULT now(),
  -- Soft: as of about a minute ago.
  last_heartbeat_time timestamptz NOT NULL DEFAULT now(),
  deregister_time timestamptz,
  PRIMARY KEY (org, agent_id)
) WITH (fillfactor = 50);

-- The history of agents.
CREATE TABLE agent_event (
  org text COLLATE "C" NOT NULL,
  agent_id text COLLATE "C" NOT NULL,
  seq integer NOT NULL,
  type text NOT NULL CHECK (type IN ('REGISTERED', 'SPEC_CHANGED', 'INTENT_SET', 'DEREGISTERED')),
  event_time timestamptz NOT NULL DEFAULT now(),
  intent text NOT NULL,
  actor text NOT NULL,
  reason text NOT NULL DEFAULT '',
  -- With REGISTERED and SPEC_CHANGED: what the agent says of itself from here on.
  spec jsonb,
  PRIMARY KEY (org, agent_id, seq)
);
