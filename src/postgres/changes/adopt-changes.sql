-- Begins to note changes on a record that did not, or that was restored from another server, whose
-- transactions were numbered otherwise: what was noted there would seem to be still to come.
DO $$ BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('reeve task_change'));
  IF EXISTS (
    SELECT FROM pg_trigger
    WHERE tgrelid = 'task_event'::regclass AND tgname = 'task_change_noted' AND tgenabled = 'D'
  ) THEN
    ALTER TABLE task_event ENABLE TRIGGER task_change_noted;
    DELETE FROM task_change;
  END IF;
  DELETE FROM task_change WHERE xid >= pg_snapshot_xmax(pg_current_snapshot());
  INSERT INTO task_change (org, task_ids, seqs, states)
  SELECT '', '{}', '{}', '{}' WHERE NOT EXISTS (SELECT FROM task_change);
END $$
