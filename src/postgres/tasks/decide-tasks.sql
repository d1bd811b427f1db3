-- Gives verdicts on tasks that wait for a person's word: what they wait for besides, they wait for as things are
-- now; what has ended otherwise than it was to, while nobody looked at it, skips them in the step that
-- follows. One row an input: OK with what the index needs, NOT_DUE with what remains, REFUSED or MISSING.
-- Who waits for one that is rejected is moved by settle-edges.sql: here it may be another input's task, and one
-- statement changes a row once.
--   $1 text[] org       $2 uuid[] task id
--   $3 text[] verdict   $4 text[] why
--   $5 text[] approver; null: nobody said anything, so that the default holds, if its time is over on this clock
--   $6 text[] states that allow it
WITH locked AS MATERIALIZED (
  SELECT i.org, i.id, i.n, i.cause, i.approver, t.state, t.epoch, a.due_time, e.pending, s.run_at,
    coalesce(t.state = ANY ($6::text[]), false) AS current,
    coalesce(t.state = ANY ($6::text[]), false)
      AND (i.approver IS NOT NULL OR coalesce(a.due_time <= now(), true)) AS allowed,
    CASE WHEN i.approver IS NULL THEN coalesce(a.default_verdict, 'REJECT') ELSE i.verdict END AS verdict
  FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[])
    WITH ORDINALITY AS i (org, id, verdict, cause, approver, n)
  LEFT JOIN LATERAL (
    SELECT state, epoch FROM task WHERE task.org = i.org AND task.id = i.id
-- include ./parts/as-read.sql
    FOR UPDATE SKIP LOCKED
  ) AS t ON true
  LEFT JOIN LATERAL (
    SELECT due_time, default_verdict FROM task_approval WHERE task_approval.org = i.org AND task_approval.task_id = i.id
    LIMIT 1
  ) AS a ON true
  CROSS JOIN LATERAL (
    SELECT count(*)::int AS pending FROM task_edge
    WHERE task_edge.org = i.org AND task_edge.task_id = i.id AND task_edge.state <> 'satisfied'
  ) AS e
  LEFT JOIN LATERAL (
    SELECT run_at FROM task_spec WHERE task_spec.org = i.org AND task_spec.task_id = i.id
    LIMIT 1
  ) AS s ON true
),
verdict AS MATERIALIZED (
  SELECT *,
    CASE
      WHEN verdict = 'REJECT' THEN 'REJECTED'
      WHEN pending > 0 THEN 'BLOCKED'
      WHEN run_at > now() THEN 'SCHEDULED'
      ELSE 'QUEUED'
    END AS to_state
  FROM locked WHERE allowed
),
changed AS (
  UPDATE task SET state = v.to_state, open = v.to_state <> 'REJECTED', seq = task.seq + 1,
    pending = CASE v.to_state WHEN 'REJECTED' THEN task.pending ELSE v.pending END,
    runnable_time = CASE v.to_state WHEN 'QUEUED' THEN coalesce(task.runnable_time, now()) ELSE task.runnable_time END,
    run_time = CASE v.to_state WHEN 'SCHEDULED' THEN v.run_at END,
    -- It ages from when it is runnable.
    score = CASE
      WHEN v.to_state IN ('QUEUED', 'SCHEDULED') AND task.runnable_time IS NULL
        THEN least(floor(extract(epoch FROM greatest(now(), v.run_at)) * 1000)::bigint - task.head_start_ms, task.inherited_score)
      ELSE task.score
    END,
    finish_time = CASE v.to_state WHEN 'REJECTED' THEN now() END,
    reason = CASE v.to_state WHEN 'REJECTED' THEN v.cause ELSE '' END
  FROM verdict AS v
  WHERE task.org = v.org AND task.id = v.id
  RETURNING v.n, v.cause, v.approver, v.verdict, task.*
),
reopened_own_edge AS (
  UPDATE task_edge AS e SET state = 'open'
  FROM changed AS c
  WHERE e.org = c.org AND e.task_id = c.id AND e.state = 'broken' AND c.open
),
closed_approval AS (
  UPDATE task_approval AS a SET open = false, verdict = c.verdict, approver = coalesce(c.approver, ''),
    verdict_reason = c.cause, verdict_time = now()
  FROM changed AS c
  WHERE a.org = c.org AND a.task_id = c.id
),
new_event AS (
  INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries, actor, reason, detail)
  SELECT org, id, seq, CASE verdict WHEN 'APPROVE' THEN 'APPROVED' ELSE 'REJECTED' END, state, epoch, series, attempt,
    deliveries, coalesce(approver, ''), cause,
    jsonb_strip_nulls(jsonb_build_object('by_default', CASE WHEN approver IS NULL THEN true END,
      'score', CASE WHEN state IN ('QUEUED', 'SCHEDULED') THEN score END, 'run_time', run_time))
  FROM changed
)
SELECT c.n::int AS n, 'OK' AS kind, c.state, c.epoch, c.seq, c.agent_id, c.run_time, c.band, c.tier, c.score,
  s.kind AS kind_of_task, CASE WHEN c.state IN ('QUEUED', 'SCHEDULED') THEN s.requirements END AS requirements,
  c.workflow_id, NULL::bigint AS remaining_ms
FROM changed AS c JOIN task_spec AS s ON s.org = c.org AND s.task_id = c.id
UNION ALL
SELECT n::int,
  CASE WHEN state IS NULL THEN 'MISSING' WHEN current THEN 'NOT_DUE' ELSE 'REFUSED' END,
  state, epoch, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  ceil(greatest(extract(epoch FROM due_time - now()) * 1000, 1))::bigint
FROM locked WHERE NOT allowed
