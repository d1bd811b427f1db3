-- min_coordinator: 8
--
-- What is kept of auctions beside the trails of tasks.

-- Tasks that an auction gave to an agent, until it was seen what came of it.
CREATE TABLE auction_award (
  org text COLLATE "C" NOT NULL,
  task_id uuid NOT NULL,
  -- Of the claim to come.
  epoch bigint NOT NULL,
  agent_id text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  -- What the agent said.
  eta_ms bigint NOT NULL,
  confidence double precision NOT NULL,
  price double precision NOT NULL,
  -- What was made of its confidence.
  probability double precision NOT NULL,
  award_time timestamptz NOT NULL,
  PRIMARY KEY (task_id, epoch, org)
);
CREATE INDEX auction_award_time_idx ON auction_award (award_time, task_id, epoch);

-- How agents have kept what they said, by kind of task. Kind '': on all kinds; agent '' besides: all of them together.
CREATE TABLE bidder (
  org text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  agent_id text COLLATE "C" NOT NULL,
  record jsonb NOT NULL,
  update_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org, kind, agent_id)
) WITH (fillfactor = 70);
