-- min_coordinator: 1
--
-- Who leads the background services, and what retention looks for.

-- One row a name. It belongs to nobody's organisation: there is one leader for all.
CREATE TABLE leader (
  name text COLLATE "C" PRIMARY KEY,
  -- A coordinator's own name, new at each of its starts.
  holder text NOT NULL,
  -- Rises with each change of holder.
  epoch bigint NOT NULL,
  expires_at timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE INDEX request_id_create_time_idx ON request_id (create_time);
