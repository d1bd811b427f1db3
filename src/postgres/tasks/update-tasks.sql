-- Changes tasks that wait, if they are as they were read. One row an input: OK with what the index
-- needs, CHANGED_SINCE, REFUSED or MISSING.
--   $1 text[] org                      $2 uuid[] task id       $3 bigint[] seq that was read
--   $4 text[] tier                     $5 bigint[] head start in ms
--   $6 text[] labels (JSON)            $7 text[] requirements (JSON)
--   $8 float8[] not before, in ms or null
--   $9 boolean[] whether that is another
--   $10 float8[] deadline in ms or null
--   $11 bytea bodies, one after the other
--   $12 int[], $13 int[]               where each body starts in $11 (from 1), its length
--   $14 text[] actor                   $15 text[] what changed (JSON)
--   $16 text[] states that allow it
WITH locked AS MATERIALIZED (
  SELECT i.*, t.state, t.epoch, coalesce(t.state = ANY ($16::text[]), false) AS allowed, t.seq = i.known_seq AS same,
    to_timestamp(i.run_at_ms / 1000) AS run_at,
    CASE
      WHEN NOT i.reschedules OR t.state NOT IN ('SCHEDULED', 'QUEUED') THEN t.state
      WHEN i.run_at_ms > extract(epoch FROM now()) * 1000 THEN 'SCHEDULED'
      ELSE 'QUEUED'
    END AS to_state
  FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::float8[],
      $9::boolean[], $10::float8[], $12::int[], $13::int[], $14::text[], $15::text[])
    WITH ORDINALITY AS i (org, id, known_seq, tier, head_start_ms, labels, requirements, run_at_ms, reschedules,
      deadline_ms, body_at, body_size, actor, detail, n)
  LEFT JOIN LATERAL (
    SELECT state, epoch, seq FROM task WHERE task.org = i.org AND task.id = i.id
    FOR UPDATE SKIP LOCKED
  ) AS t ON true
),
changed AS (
  UPDATE task SET state = l.to_state, seq = task.seq + 1, tier = l.tier, head_start_ms = l.head_start_ms,
    run_time = CASE WHEN l.to_state <> 'SCHEDULED' THEN NULL WHEN l.reschedules THEN l.run_at ELSE task.run_time END,
    runnable_time = CASE l.to_state WHEN 'QUEUED' THEN coalesce(task.runnable_time, now()) ELSE task.runnable_time END,
    -- From when it was or will be runnable; while it is blocked, from its submission.
    score = least(
      floor(extract(epoch FROM CASE
        WHEN task.runnable_time IS NOT NULL THEN task.runnable_time
        WHEN l.to_state = 'SCHEDULED' THEN CASE WHEN l.reschedules THEN l.run_at ELSE task.run_time END
        WHEN l.to_state = 'QUEUED' THEN now()
        ELSE task.create_time
      END) * 1000)::bigint - l.head_start_ms, task.inherited_score),
    deadline = to_timestamp(l.deadline_ms / 1000)
  FROM locked AS l
  WHERE task.org = l.org AND task.id = l.id AND l.allowed AND l.same
  RETURNING l.n, l.actor, l.detail, l.labels, l.requirements, l.run_at, l.body_at, l.body_size, task.*
),
new_spec AS (
  UPDATE task_spec AS s SET tier = c.tier, labels = c.labels::jsonb, requirements = c.requirements::jsonb, run_at = c.run_at,
    body = substring($11::bytea FROM c.body_at FOR c.body_size)
  FROM changed AS c
  WHERE s.org = c.org AND s.task_id = c.id
  RETURNING c.n, s.kind, s.requirements
),
new_event AS (
  INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries, actor, detail)
  SELECT org, id, seq, 'UPDATED', state, epoch, series, attempt, deliveries, actor,
    jsonb_strip_nulls((detail::jsonb - 'decisions') || jsonb_build_object('score', score, 'run_time', run_time))
      -- As they were made, what is null in them too: they can be asked for again.
      || CASE WHEN detail::jsonb -> 'decisions' IS NULL THEN '{}' ELSE jsonb_build_object('decisions', detail::jsonb -> 'decisions') END
  FROM changed
)
SELECT c.n::int AS n, 'OK' AS kind, c.state, c.epoch, c.seq, c.agent_id, c.run_time, c.band, c.tier, c.score,
  s.kind AS kind_of_task, CASE WHEN c.state IN ('QUEUED', 'SCHEDULED') THEN s.requirements END AS requirements
FROM changed AS c JOIN new_spec AS s ON s.n = c.n
UNION ALL
SELECT n::int,
  CASE WHEN state IS NULL THEN 'MISSING' WHEN allowed THEN 'CHANGED_SINCE' ELSE 'REFUSED' END,
  state, epoch, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM locked WHERE NOT (allowed AND same) OR state IS NULL
