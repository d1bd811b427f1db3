-- min_coordinator: 8
--
-- Workflows, and which tasks are part of them.

-- A row of a task is as narrow as before where it is part of none. What the index has never changes, so that
-- updates stay HOT; `open` changes once, as in task_open_idx.
ALTER TABLE task
  ADD workflow_id uuid,
  ADD workflow_node integer,
  -- That of the node when the task was made: tasks of earlier runs count no more.
  ADD workflow_run integer,
  ADD workflow_item integer,
  ADD CONSTRAINT task_workflow_place CHECK (
    num_nulls(workflow_id, workflow_node, workflow_run, workflow_item) IN (0, 4));
CREATE INDEX task_workflow_idx ON task (workflow_id, workflow_node, workflow_run, workflow_item, org)
  WHERE workflow_id IS NOT NULL;
CREATE INDEX task_workflow_open_idx ON task (workflow_id, id, org) WHERE open AND workflow_id IS NOT NULL;

-- For people, and for agents.
ALTER TABLE task_spec
  ADD workflow_group text,
  ADD workflow_task text;

-- What each look at a workflow rewrites. Its columns tell how it is after its newest event.
CREATE TABLE workflow (
  org text COLLATE "C" NOT NULL,
  id uuid NOT NULL,
  state text NOT NULL CONSTRAINT workflow_state_known CHECK (state IN (
    'INITIALIZING', 'RESOLVING', 'PROCESSING', 'COMPLETING', 'SUCCEEDED', 'FAILED', 'PARTIAL', 'CANCELLED')),
  open boolean NOT NULL,
  -- While COMPLETING: how it ends.
  end_state text CONSTRAINT workflow_end_known CHECK (end_state IN ('SUCCEEDED', 'FAILED', 'PARTIAL', 'CANCELLED')),
  reason text NOT NULL DEFAULT '',
  -- What is decided counts only if it is as it was read.
  version bigint NOT NULL,
  -- The number of the newest event.
  seq integer NOT NULL,
  run integer NOT NULL,
  context_version bigint NOT NULL,
  -- About how many rows it has in the other tables.
  parts bigint NOT NULL,
  create_time timestamptz NOT NULL,
  finish_time timestamptz,
  deadline timestamptz,
  -- When it is to be looked at even if none of its tasks ends.
  wake_time timestamptz,
  PRIMARY KEY (org, id),
  CONSTRAINT workflow_open_until_it_ends CHECK (open = (state NOT IN ('SUCCEEDED', 'FAILED', 'PARTIAL', 'CANCELLED'))),
  CONSTRAINT workflow_finish_time_when_ended CHECK ((finish_time IS NULL) = open),
  CONSTRAINT workflow_wakes_while_open CHECK (open OR wake_time IS NULL)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 2000);
CREATE INDEX workflow_open_idx ON workflow (org, id) WHERE open;
CREATE INDEX workflow_wake_time_idx ON workflow (wake_time) WHERE wake_time IS NOT NULL;
CREATE INDEX workflow_finish_time_idx ON workflow (finish_time) WHERE finish_time IS NOT NULL;

-- What it was started with.
CREATE TABLE workflow_spec (
  org text COLLATE "C" NOT NULL,
  workflow_id uuid NOT NULL,
  name text NOT NULL,
  labels jsonb NOT NULL,
  submitter_subject_id text NOT NULL,
  -- The whole of it. Not jsonb: names keep their order.
  spec json NOT NULL,
  -- Names the call, with what it asked for.
  request_id text COLLATE "C",
  body_hash bytea,
  PRIMARY KEY (org, workflow_id)
);
CREATE UNIQUE INDEX workflow_spec_request_idx ON workflow_spec (request_id, org) WHERE request_id IS NOT NULL;

-- Groups and tasks of its plan.
CREATE TABLE workflow_node (
  org text COLLATE "C" NOT NULL,
  workflow_id uuid NOT NULL,
  node integer NOT NULL,
  state text NOT NULL CONSTRAINT workflow_node_state_known CHECK (state IN (
    'WAITING', 'EXPANDING', 'RUNNING', 'ESCALATED', 'SUCCEEDED', 'PARTIAL', 'FAILED', 'SKIPPED', 'CANCELLED')),
  reason text NOT NULL DEFAULT '',
  run integer NOT NULL DEFAULT 1,
  total integer NOT NULL DEFAULT 0,
  submitted integer NOT NULL DEFAULT 0,
  -- Ended tasks of its run but for those in workflow_settled.
  succeeded integer NOT NULL DEFAULT 0,
  failed integer NOT NULL DEFAULT 0,
  start_time timestamptz,
  finish_time timestamptz,
  PRIMARY KEY (workflow_id, node, org)
) WITH (fillfactor = 50);

-- All values that its context had; the newest of a path counts.
CREATE TABLE workflow_context (
  org text COLLATE "C" NOT NULL,
  workflow_id uuid NOT NULL,
  path text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  -- Null: it is gone. Not jsonb: names keep their order.
  value json,
  PRIMARY KEY (workflow_id, path, version, org)
);

-- The audit trail, gapless per workflow.
CREATE TABLE workflow_event (
  org text COLLATE "C" NOT NULL,
  workflow_id uuid NOT NULL,
  seq integer NOT NULL,
  type text NOT NULL,
  -- Of the workflow, after it.
  state text NOT NULL,
  node integer,
  node_state text,
  event_time timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL DEFAULT '',
  reason text NOT NULL DEFAULT '',
  detail json NOT NULL,
  PRIMARY KEY (workflow_id, seq, org)
);

-- Tasks of workflows that have ended (+1), or are open again (-1), since their workflow was looked at, which counts
-- and deletes them: whoever ends a task waits for nobody's lock. Few rows, and many that were.
CREATE TABLE workflow_settled (
  org text COLLATE "C" NOT NULL,
  workflow_id uuid NOT NULL,
  node integer NOT NULL,
  run integer NOT NULL,
  succeeded boolean NOT NULL,
  delta smallint NOT NULL
) WITH (
  autovacuum_vacuum_scale_factor = 0.01,
  autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0,
  autovacuum_analyze_scale_factor = 0.05
);
CREATE INDEX workflow_settled_idx ON workflow_settled (org, workflow_id);

-- By row: 5 us for each task of a workflow that ends, nothing that can be measured for others. (Measured with
-- transition tables instead: 3.5 us, but half a microsecond for each row of every update.)
CREATE FUNCTION note_settled_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.open THEN
    INSERT INTO workflow_settled (org, workflow_id, node, run, succeeded, delta)
    VALUES (NEW.org, NEW.workflow_id, NEW.workflow_node, NEW.workflow_run, OLD.state = 'SUCCEEDED', -1);
  ELSE
    INSERT INTO workflow_settled (org, workflow_id, node, run, succeeded, delta)
    VALUES (NEW.org, NEW.workflow_id, NEW.workflow_node, NEW.workflow_run, NEW.state = 'SUCCEEDED', 1);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER task_item_settled AFTER UPDATE ON task
  FOR EACH ROW WHEN (OLD.open IS DISTINCT FROM NEW.open AND NEW.workflow_id IS NOT NULL)
  EXECUTE FUNCTION note_settled_item();
CREATE TRIGGER task_item_born_settled AFTER INSERT ON task
  FOR EACH ROW WHEN (NOT NEW.open AND NEW.workflow_id IS NOT NULL)
  EXECUTE FUNCTION note_settled_item();
