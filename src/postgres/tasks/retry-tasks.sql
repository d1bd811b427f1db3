-- Begins the attempts of ended tasks anew. One row an input: OK with what the index needs,
-- REFUSED or MISSING; and one for each dependent that waits for it again.
--   $1 text[] org      $2 uuid[] task id
--   $3 text[] reason   $4 text[] actor
--   $5 text[] states that allow it
--   $6 bigint[] how long they may take from now on, in ms, or null: as they were told
-- What ended while it waited for a person's word waits for that again, for as long as before. What it depends
-- on is waited for again, unless that has ended as it was to: what has ended otherwise,
-- while it was not looked at, skips it in the step that follows. Its time to run counts still. A
-- deadline that has passed is dropped, unless it is counted anew, and the event says which it was.
WITH locked AS MATERIALIZED (
  SELECT i.*, t.state, t.epoch, t.dropped_deadline, coalesce(t.state = ANY ($5::text[]), false) AS allowed, e.pending,
    CASE
      WHEN a.unapproved THEN 'AWAITING_APPROVAL'
      WHEN e.pending > 0 THEN 'BLOCKED'
      WHEN s.run_at > now() THEN 'SCHEDULED'
      ELSE 'QUEUED'
    END AS to_state,
    s.run_at
  FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $6::bigint[])
    WITH ORDINALITY AS i (org, id, cause, actor, timeout_ms, n)
  LEFT JOIN LATERAL (
    SELECT state, epoch, CASE WHEN deadline <= now() THEN deadline END AS dropped_deadline FROM task
    WHERE task.org = i.org AND task.id = i.id
-- include ./parts/as-read.sql
    FOR UPDATE SKIP LOCKED
  ) AS t ON true
  CROSS JOIN LATERAL (
    SELECT count(*)::int AS pending FROM task_edge
    WHERE task_edge.org = i.org AND task_edge.task_id = i.id AND task_edge.state <> 'satisfied'
  ) AS e
  LEFT JOIN LATERAL (
    SELECT run_at FROM task_spec WHERE task_spec.org = i.org AND task_spec.task_id = i.id
    LIMIT 1
  ) AS s ON true
  LEFT JOIN LATERAL (
    SELECT verdict IS NULL AS unapproved FROM task_approval
    WHERE task_approval.org = i.org AND task_approval.task_id = i.id
    LIMIT 1
  ) AS a ON true
),
changed AS (
  UPDATE task SET state = l.to_state, open = true, seq = task.seq + 1,
    series = task.series + 1, attempt = 0, deliveries = 0, preemptions = 0, pending = l.pending, finish_time = NULL, reason = l.cause,
    runnable_time = CASE l.to_state WHEN 'QUEUED' THEN coalesce(task.runnable_time, now()) ELSE task.runnable_time END,
    run_time = CASE l.to_state WHEN 'SCHEDULED' THEN l.run_at END,
    deadline = CASE
      WHEN l.timeout_ms IS NOT NULL THEN date_trunc('milliseconds', now() + l.timeout_ms * interval '1 ms')
      WHEN l.dropped_deadline IS NULL THEN task.deadline
    END
  FROM locked AS l
  WHERE task.org = l.org AND task.id = l.id AND l.allowed
  RETURNING l.n, l.actor, l.dropped_deadline, task.*
),
reopened_own_edge AS (
  UPDATE task_edge AS e SET state = 'open'
  FROM changed AS c
  WHERE e.org = c.org AND e.task_id = c.id AND e.state = 'broken'
),
reopened_approval AS (
  UPDATE task_approval AS a SET open = true, create_time = now(),
    due_time = date_trunc('milliseconds', now() + (a.due_time - a.create_time))
  FROM changed AS c
  WHERE c.state = 'AWAITING_APPROVAL' AND a.org = c.org AND a.task_id = c.id
),
new_event AS (
  INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries, actor, reason, detail)
  SELECT org, id, seq, 'RETRIED', state, epoch, series, attempt, deliveries, actor, reason,
    jsonb_strip_nulls(jsonb_build_object('dropped_deadline', dropped_deadline, 'run_time', run_time))
  FROM changed
),
revived AS (
  SELECT n, org, id FROM changed
),
-- include ./parts/reopen-edges.sql
SELECT c.n::int AS n, 'OK' AS kind, c.state, c.epoch, c.seq, c.agent_id, c.run_time, c.band, c.tier, c.score,
  s.kind AS kind_of_task, CASE WHEN c.state IN ('QUEUED', 'SCHEDULED') THEN s.requirements END AS requirements, NULL::uuid AS dependent_id, c.workflow_id
FROM changed AS c JOIN task_spec AS s ON s.org = c.org AND s.task_id = c.id
UNION ALL
-- include ./parts/reblocked-rows.sql
UNION ALL
SELECT n::int, CASE WHEN state IS NULL THEN 'MISSING' ELSE 'REFUSED' END, state, epoch, NULL, NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL, NULL
FROM locked WHERE NOT allowed
