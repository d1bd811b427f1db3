-- min_coordinator: 1
--
-- What changed, in the order in which it may be read: below a snapshot's xmin nothing is added
-- any more. Watches follow it, on whichever coordinator. One row for each statement and
-- organisation: an indexed column of task_event costs four times the log, and a look into every
-- partition for each read. Rows are kept for as long as a watch may resume, not for good.
CREATE TABLE task_change (
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  change_time timestamptz NOT NULL DEFAULT now(),
  org text COLLATE "C" NOT NULL,
  -- Of as many events: the task, the number of the event, the state after it.
  task_ids uuid[] NOT NULL,
  seqs integer[] NOT NULL,
  states text[] NOT NULL
) WITH (
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_analyze_scale_factor = 0.05
);
-- Numbers hardly shrink: a third less time than with an attempt to. States shrink to nothing.
ALTER TABLE task_change ALTER task_ids SET STORAGE EXTERNAL, ALTER seqs SET STORAGE EXTERNAL;
CREATE INDEX task_change_xid_idx ON task_change (xid);

-- The lowest row says from where on nothing was forgotten; this one, from the beginning.
INSERT INTO task_change (org, task_ids, seqs, states) VALUES ('', '{}', '{}', '{}');

CREATE FUNCTION note_task_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO task_change (org, task_ids, seqs, states)
  SELECT org, array_agg(task_id), array_agg(seq), array_agg(state) FROM added GROUP BY org;
  RETURN NULL;
END $$;
CREATE TRIGGER task_change_noted AFTER INSERT ON task_event
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION note_task_changes();
