-- min_coordinator: 1
--
-- Pauses of the queue, and operations on many tasks.

-- A part of an organisation's queue that is paused. Empty: any tier, any kind.
CREATE TABLE queue_pause (
  org text COLLATE "C" NOT NULL,
  tier text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  reason text NOT NULL,
  actor text NOT NULL,
  pause_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org, tier, kind)
);

-- What is done to many tasks, 500 at a time. Its id is its cut-off: tasks with a higher one
-- came later.
CREATE TABLE operation (
  org text COLLATE "C" NOT NULL,
  id uuid NOT NULL,
  verb text NOT NULL CONSTRAINT operation_verb_known CHECK (verb IN ('CLEAR_QUEUE', 'CANCEL_TASKS', 'RETRY_TASKS')),
  state text NOT NULL CONSTRAINT operation_state_known CHECK (state IN (
    'COUNTING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
  open boolean NOT NULL,
  filter jsonb NOT NULL,
  dry_run boolean NOT NULL,
  reason text NOT NULL,
  grace_ms bigint,
  actor text NOT NULL,
  -- Names the call, with what it asked for.
  request_id text COLLATE "C",
  body_hash bytea,
  -- Tasks from this id on have had their turn in this round.
  cursor uuid NOT NULL,
  total bigint NOT NULL DEFAULT 0,
  done bigint NOT NULL DEFAULT 0,
  skipped bigint NOT NULL DEFAULT 0,
  failed bigint NOT NULL DEFAULT 0,
  state_counts jsonb NOT NULL DEFAULT '{}',
  kind_counts jsonb NOT NULL DEFAULT '{}',
  error text NOT NULL DEFAULT '',
  create_time timestamptz NOT NULL DEFAULT now(),
  update_time timestamptz NOT NULL DEFAULT now(),
  end_time timestamptz,
  PRIMARY KEY (org, id),
  CONSTRAINT operation_open_until_it_ends CHECK (open = (state IN ('COUNTING', 'RUNNING'))),
  CONSTRAINT operation_end_time_when_ended CHECK ((end_time IS NULL) = open)
) WITH (fillfactor = 50);
CREATE UNIQUE INDEX operation_request_idx ON operation (org, request_id) WHERE request_id IS NOT NULL;
CREATE INDEX operation_open_idx ON operation (org, id) WHERE open;
CREATE INDEX operation_end_time_idx ON operation (end_time) WHERE end_time IS NOT NULL;
