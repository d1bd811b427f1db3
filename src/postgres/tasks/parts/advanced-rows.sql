-- The dependents that moved on, in the form of the rows of the tasks that ended.
SELECT n::int, 'DEPENDENT', state, epoch, seq, agent_id, run_time, band, tier, score, kind,
  CASE WHEN to_state <> 'SKIPPED' THEN requirements END, id, workflow_id
FROM advanced WHERE to_state IS NOT NULL
