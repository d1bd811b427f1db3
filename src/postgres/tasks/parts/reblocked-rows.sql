-- The dependents that wait again, in the form of the rows of the tasks that they wait for.
SELECT n::int, 'DEPENDENT', state, epoch, seq, agent_id, run_time, band, tier, score, NULL, NULL::jsonb, id, workflow_id
FROM reblocked WHERE open
