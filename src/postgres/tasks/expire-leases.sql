-- Ends leases and attempts that have run out on this clock. One row an input: OK with what
-- the index needs if the task comes back, NOT_DUE with what remains, REFUSED or MISSING; and one
-- for each dependent that moved on.
--   $1 text[] org                        $2 uuid[]   task id    $3 bigint[] epoch
--   $4 text[] LEASE_EXPIRED or ATTEMPT_TIMED_OUT
--   $5 text[] state after a failure      $6 bigint[] delay after a failure in ms
--   $7 text[] state after a return
--   $8 text[] states that allow RETURNED
--   $9 text[] states that allow ATTEMPT_TIMED_OUT
--   $10 text[] leased states that allow CANCELLED
--   $11 text[] terminal states
--   $12 text[] states that allow PREEMPTED
WITH locked AS MATERIALIZED (
  SELECT found.*,
    CASE event
      WHEN 'RETURNED' THEN returned_to WHEN 'PREEMPTED' THEN 'QUEUED' WHEN 'CANCELLED' THEN 'CANCELLED' ELSE failed_to
    END AS to_state
  FROM (
    SELECT i.*, t.state, t.epoch, t.due, t.remaining_from,
      coalesce(t.epoch = i.claim_epoch, false) AND t.event IS NOT NULL AS current,
      CASE WHEN t.epoch = i.claim_epoch AND t.due <= now() THEN t.event END AS event
    FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::text[])
      WITH ORDINALITY AS i (org, id, claim_epoch, cause, failed_to, delay_ms, returned_to, n)
    LEFT JOIN LATERAL (
      SELECT state, epoch,
        CASE
          WHEN state = ANY ($8::text[]) THEN 'RETURNED'
          WHEN state = ANY ($12::text[]) AND i.cause = 'LEASE_EXPIRED' THEN 'PREEMPTED'
          WHEN state = ANY ($9::text[]) THEN i.cause
          WHEN state = ANY ($10::text[]) THEN 'CANCELLED'
        END AS event,
        CASE
          WHEN state = ANY ($9::text[]) AND i.cause = 'ATTEMPT_TIMED_OUT' THEN attempt_deadline
          ELSE lease_expires_at
        END AS due,
        least(lease_expires_at, attempt_deadline) AS remaining_from
      FROM task WHERE task.org = i.org AND task.id = i.id
-- include ./parts/as-read.sql
      FOR UPDATE SKIP LOCKED
    ) AS t ON true
  ) AS found
),
changed AS (
  UPDATE task SET state = l.to_state, open = NOT l.to_state = ANY ($11::text[]), seq = task.seq + 1,
    attempt = task.attempt - CASE WHEN l.event IN ('RETURNED', 'PREEMPTED') THEN 1 ELSE 0 END,
    deliveries = task.deliveries - CASE l.event WHEN 'PREEMPTED' THEN 1 ELSE 0 END,
    preemptions = task.preemptions + CASE l.event WHEN 'PREEMPTED' THEN 1 ELSE 0 END,
    lease_expires_at = NULL, attempt_deadline = NULL,
    run_time = CASE l.to_state WHEN 'SCHEDULED' THEN now() + l.delay_ms * interval '1 ms' END,
    finish_time = CASE WHEN l.to_state = ANY ($11::text[]) THEN now() END,
    reason = CASE l.event
      WHEN 'CANCELLED' THEN task.reason
      WHEN 'RETURNED' THEN CASE l.to_state WHEN 'DEAD_LETTER' THEN 'UNDELIVERABLE' ELSE 'NOT_ACCEPTED' END
      ELSE l.event
    END
  FROM locked AS l
  WHERE task.org = l.org AND task.id = l.id AND l.event IS NOT NULL
  RETURNING l.n, l.event, task.*
),
new_event AS (
  INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries, agent_id, reason, detail)
  SELECT org, id, seq, event, state, epoch, series, attempt, deliveries, agent_id, reason,
    CASE
      WHEN run_time IS NOT NULL THEN jsonb_build_object('run_time', run_time)
      WHEN reason = 'UNDELIVERABLE' THEN jsonb_build_object('cause', 'NOT_ACCEPTED')
    END
  FROM changed
),
ended AS (
  SELECT n, org, id, state, reason FROM changed WHERE NOT open
),
-- include ./parts/settle-edges.sql
SELECT c.n::int AS n, 'OK' AS kind, c.state, c.epoch, c.seq, c.agent_id, c.run_time, c.band, c.tier, c.score,
  s.kind AS kind_of_task, s.requirements, NULL::uuid AS dependent_id, c.workflow_id, NULL::bigint AS remaining_ms
FROM changed AS c
LEFT JOIN LATERAL (
  SELECT kind, requirements FROM task_spec
  WHERE task_spec.org = c.org AND task_spec.task_id = c.id AND c.state IN ('QUEUED', 'SCHEDULED')
  LIMIT 1
) AS s ON true
UNION ALL
SELECT a.*, NULL FROM (
-- include ./parts/advanced-rows.sql
) AS a
UNION ALL
SELECT n::int,
  CASE WHEN state IS NULL THEN 'MISSING' WHEN current THEN 'NOT_DUE' ELSE 'REFUSED' END,
  state, epoch, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  ceil(greatest(extract(epoch FROM coalesce(due, remaining_from) - now()) * 1000, 1))::bigint
FROM locked WHERE event IS NULL
