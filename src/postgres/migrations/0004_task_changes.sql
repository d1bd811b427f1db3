-- min_coordinator: 1
--
-- What changed, in the order in which it may be read: below a snapshot's xmin nothing is added
-- any more. Watches follow it, on whichever coordinator. One row for each statement and
-- organisation, which costs a twentieth of what a column and an index of task_event cost: see
-- docs/how-it-works.md. Rows are kept for as long as a watch may resume, not for good.
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
