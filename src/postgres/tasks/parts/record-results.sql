-- Locks the tasks of a settlement, then changes them and writes results, in which their events stand.
locked AS MATERIALIZED (
  SELECT i.*, t.place, t.state, t.epoch, t.state = 'ASSIGNED' AS accept_unrecorded, t.event, t.depended_on,
    CASE t.event WHEN 'FAILED' THEN i.failed_to WHEN 'PREEMPTED' THEN 'QUEUED' ELSE t.event END AS to_state
  FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::text[],
      $9::text[], $10::text[], $11::bool[], $12::text[], $13::text[], $14::bigint[], $16::int[], $17::int[],
      $18::int[], $19::int[])
    WITH ORDINALITY AS i (org, id, claim_epoch, agent_id, result_id, outcome, summary, output_media_type,
      error_kind, error_message, error_retryable, error_detail_media_type, failed_to, delay_ms,
      output_at, output_size, detail_at, detail_size, n)
  LEFT JOIN LATERAL (
    SELECT ctid AS place, state, epoch, has_dependents AND NOT $24::boolean AS depended_on,
      CASE
        WHEN has_dependents AND NOT $24::boolean THEN NULL
        WHEN epoch <> i.claim_epoch OR task.agent_id <> i.agent_id THEN NULL
        WHEN i.outcome = 'SUCCEEDED' THEN CASE WHEN state = ANY ($20::text[]) THEN 'SUCCEEDED' END
        WHEN state = ANY ($22::text[]) THEN 'CANCELLED'
        WHEN state = ANY ($26::text[]) AND (i.outcome = 'CANCELLED' OR i.error_kind = 'PREEMPTED' AND i.error_retryable)
          THEN 'PREEMPTED'
        WHEN state = ANY ($21::text[]) THEN 'FAILED'
      END AS event
    FROM task WHERE task.org = i.org AND task.id = i.id
    FOR UPDATE SKIP LOCKED
  ) AS t ON true
),
unsettled AS (
  SELECT n::int AS n, state, epoch,
    CASE WHEN state IS NULL THEN 'MISSING' WHEN depended_on THEN 'DEPENDED_ON' ELSE 'OVER' END AS kind
  FROM locked WHERE event IS NULL
),
changed AS (
  UPDATE task SET state = l.to_state, open = NOT l.to_state = ANY ($23::text[]),
    seq = task.seq + CASE WHEN l.accept_unrecorded THEN 2 ELSE 1 END,
    attempt = task.attempt - CASE l.event WHEN 'PREEMPTED' THEN 1 ELSE 0 END,
    deliveries = task.deliveries - CASE l.event WHEN 'PREEMPTED' THEN 1 ELSE 0 END,
    preemptions = task.preemptions + CASE l.event WHEN 'PREEMPTED' THEN 1 ELSE 0 END,
    lease_expires_at = NULL, attempt_deadline = NULL,
    run_time = CASE l.to_state WHEN 'SCHEDULED' THEN now() + l.delay_ms * interval '1 ms' END,
    finish_time = CASE WHEN l.to_state = ANY ($23::text[]) THEN now() END,
    reason = CASE l.event
      WHEN 'SUCCEEDED' THEN '' WHEN 'CANCELLED' THEN task.reason WHEN 'PREEMPTED' THEN l.event
      ELSE coalesce(l.error_kind, '')
    END
  FROM locked AS l
  -- As claim-tasks.sql: a submission that waits for it since counts, and is not seen.
  WHERE task.ctid = l.place AND l.event IS NOT NULL
  RETURNING l.n, l.accept_unrecorded, l.result_id, l.outcome, l.summary, l.output_media_type, l.output_at,
    l.output_size, l.error_kind, l.error_message, l.error_retryable, l.error_detail_media_type, l.detail_at,
    l.detail_size, task.org, task.id, task.state, task.open, task.seq, task.epoch, task.series, task.attempt,
    task.deliveries, task.agent_id, task.reason, task.run_time, task.band, task.tier, task.score, task.workflow_id
),
new_result AS (
  INSERT INTO task_result (org, task_id, epoch, series, attempt, result_id, agent_id, outcome, create_time, summary,
    output_media_type, output, error_kind, error_message, error_retryable, error_detail_media_type, error_detail,
    seq, state, deliveries, accepts, reason, run_time)
  SELECT org, id, epoch, series, attempt, result_id, agent_id, outcome, now(), coalesce(summary, ''),
    output_media_type,
    CASE WHEN output_media_type IS NOT NULL THEN substring($15::bytea FROM output_at FOR output_size) END,
    error_kind, error_message, error_retryable, error_detail_media_type,
    CASE WHEN error_detail_media_type IS NOT NULL THEN substring($15::bytea FROM detail_at FOR detail_size) END,
    seq, state, deliveries, accept_unrecorded, reason, run_time
  FROM changed
),
new_change AS (
  INSERT INTO task_change (org, task_ids, seqs, states)
  SELECT org, array_agg(id) FILTER (WHERE accept_unrecorded) || array_agg(id),
    array_agg(seq - 1) FILTER (WHERE accept_unrecorded) || array_agg(seq),
    array_agg('RUNNING'::text) FILTER (WHERE accept_unrecorded) || array_agg(state)
  FROM changed WHERE $25::boolean
  GROUP BY org
)
