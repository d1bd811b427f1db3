-- min_coordinator: 8
--
-- How long tasks of a kind take, from the choice of their agent to their success, as all coordinators have learned it.

CREATE TABLE kind_duration (
  org text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  -- Successes that it was learned from.
  count bigint NOT NULL,
  -- Mean and variance of ln(ms); old successes count less.
  mean float8 NOT NULL,
  variance float8 NOT NULL,
  -- What counts in the order, and since when; null: too little is known yet.
  expected_ms float8,
  move_time timestamptz,
  update_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org, kind),
  CHECK ((expected_ms IS NULL) = (move_time IS NULL))
) WITH (fillfactor = 50);

-- Changes once an hour and kind: all else is written where the row stands.
CREATE INDEX kind_duration_move_time_idx ON kind_duration (move_time);
