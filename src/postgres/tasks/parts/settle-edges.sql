-- What the ends of tasks mean for those that depend on them. From `ended` (n, org, id, state, reason):
-- edges are settled; who waits for nothing any more is SCHEDULED or QUEUED, who waited for
-- something that did not succeed is SKIPPED, and its event names that: of several the one with the
-- lowest id. Gives `advanced`, one row a dependent.
settled_edge AS (
  UPDATE task_edge AS e
  SET state = CASE
    WHEN u.state = 'SUCCEEDED' OR (u.state = 'SKIPPED' AND u.reason = 'CONDITION') OR e.run_anyway THEN 'satisfied'
    ELSE 'broken'
  END
  FROM ended AS u
  WHERE e.org = u.org AND e.upstream_id = u.id AND e.state = 'open'
  RETURNING u.n, e.org, e.task_id, e.state, e.upstream_id, u.state AS upstream_state
),
dependent AS MATERIALIZED (
  SELECT d.n, d.org, d.id, d.settled, d.cause, s.kind, s.requirements, s.run_at,
    CASE
      WHEN t.state <> 'BLOCKED' THEN NULL
      WHEN d.cause IS NOT NULL THEN 'SKIPPED'
      WHEN t.pending > d.settled THEN NULL
      WHEN s.run_at > now() THEN 'SCHEDULED'
      ELSE 'QUEUED'
    END AS to_state
  FROM (
    SELECT max(n) AS n, org, task_id AS id, count(*)::int AS settled,
      (array_agg(jsonb_build_object('upstream_task_id', upstream_id, 'upstream_state', upstream_state)
        ORDER BY upstream_id) FILTER (WHERE state = 'broken'))[1] AS cause
    FROM settled_edge GROUP BY org, task_id ORDER BY org, task_id
  ) AS d
  CROSS JOIN LATERAL (
    SELECT state, pending FROM task WHERE task.org = d.org AND task.id = d.id
    FOR UPDATE
  ) AS t
  CROSS JOIN LATERAL (
    SELECT kind, requirements, run_at FROM task_spec WHERE task_spec.org = d.org AND task_spec.task_id = d.id
    LIMIT 1
  ) AS s
),
advanced AS (
  UPDATE task SET pending = task.pending - d.settled, state = coalesce(d.to_state, task.state),
    open = task.open AND d.to_state IS DISTINCT FROM 'SKIPPED',
    seq = task.seq + CASE WHEN d.to_state IS NULL THEN 0 ELSE 1 END,
    runnable_time = CASE d.to_state WHEN 'QUEUED' THEN now() ELSE task.runnable_time END,
    run_time = CASE d.to_state WHEN 'SCHEDULED' THEN d.run_at ELSE task.run_time END,
    -- It ages from when it is runnable.
    score = CASE
      WHEN d.to_state IN ('QUEUED', 'SCHEDULED')
        THEN least(floor(extract(epoch FROM greatest(now(), d.run_at)) * 1000)::bigint - task.head_start_ms, task.inherited_score)
      ELSE task.score
    END,
    finish_time = CASE d.to_state WHEN 'SKIPPED' THEN now() ELSE task.finish_time END,
    reason = CASE d.to_state WHEN 'SKIPPED' THEN 'UPSTREAM_FAILED' ELSE task.reason END
  FROM dependent AS d
  WHERE task.org = d.org AND task.id = d.id
  RETURNING d.n, d.to_state, d.kind, d.requirements, d.cause, task.*
),
advanced_event AS (
  INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries, reason, detail)
  SELECT org, id, seq, CASE state WHEN 'SKIPPED' THEN 'SKIPPED' ELSE 'UNBLOCKED' END, state, epoch, series, attempt,
    deliveries, reason,
    CASE state
      WHEN 'SKIPPED' THEN cause
      ELSE jsonb_strip_nulls(jsonb_build_object('score', score, 'run_time', run_time))
    END
  FROM advanced WHERE to_state IS NOT NULL
)
