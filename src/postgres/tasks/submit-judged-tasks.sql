-- Inserts tasks that were rejected, or that wait for a person's word, these with their edges and what is asked
-- of the person. One row an input as submit-dependent-tasks has it.
-- Parameters are those of submit-dependent-tasks up to $46, edges only of tasks that wait, and
--   $47 text[] state: REJECTED or AWAITING_APPROVAL   $48 text[] why
--   $49 text[] policy that asks, or null              $50 bigint[] its version or null
--   $51 float8[] by when, in ms, or null              $52 text[] what holds then, or null
-- What they wait for is settled for them while they wait; what they are to be is found out when they are approved.
WITH RECURSIVE given AS MATERIALIZED (
-- include ./parts/submit-input.sql
),
-- include ./parts/wanted-edges.sql
input AS MATERIALIZED (
  SELECT g.n, g.org, g.id, g.kind, g.tier, g.source, g.submitter, g.parent_id, g.labels, g.requirements, g.retry,
    g.attempt_timeout_ms, g.create_ms, g.request_id, g.actor, g.body_at, g.body_size, g.hash_at, g.hash_size, g.goal,
    g.intent, g.job_space_id, g.run_at_ms, g.head_start_ms, g.deadline_ms, g.dependencies, g.workflow_id,
    g.workflow_node, g.workflow_run, g.workflow_item, g.workflow_group, g.workflow_task, g.own_score, g.score,
    g.decisions, g.band, g.known_id, g.same_body, g.parent_known, coalesce(s.pending, 0) AS pending, s.unknown_id,
    NULL::timestamptz AS submit_time, NULL::text AS agent_id, NULL::text AS selection, NULL::timestamptz AS run_time,
    g.accepted AND s.unknown_id IS NULL AS accepted,
    j.first_state, j.words, j.policy_id, j.policy_version, to_timestamp(j.due_ms / 1000) AS due_time, j.default_verdict
  FROM given AS g
  JOIN unnest($47::text[], $48::text[], $49::text[], $50::bigint[], $51::float8[], $52::text[])
    WITH ORDINALITY AS j (first_state, words, policy_id, policy_version, due_ms, default_verdict, n) ON j.n = g.n
  LEFT JOIN sum AS s ON s.n = g.n
),
-- include ./parts/new-specs.sql
new_task AS (
  INSERT INTO task (org, id, state, open, tier, band, score, seq, pending, create_time, finish_time, reason, head_start_ms,
    inherited_score, deadline, workflow_id, workflow_node, workflow_run, workflow_item)
  SELECT org, id, first_state, first_state <> 'REJECTED', tier, band, score, 1, pending, to_timestamp(create_ms / 1000),
    CASE first_state WHEN 'REJECTED' THEN now() END, words, head_start_ms, nullif(score, own_score),
    to_timestamp(deadline_ms / 1000),
    workflow_id, workflow_node, workflow_run, workflow_item
  FROM input WHERE accepted
),
new_edge AS (
  INSERT INTO task_edge (org, task_id, upstream_id, state, run_anyway)
  SELECT e.org, i.id, e.upstream_id, e.state, e.run_anyway
  FROM edge AS e JOIN input AS i ON i.n = e.n
  WHERE i.accepted
),
new_approval AS (
  INSERT INTO task_approval (org, task_id, reason, policy_id, policy_version, create_time, due_time, default_verdict)
  SELECT org, id, words, policy_id, policy_version, to_timestamp(create_ms / 1000), due_time, default_verdict
  FROM input WHERE accepted AND first_state = 'AWAITING_APPROVAL'
),
new_event AS (
  INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries, actor, reason, detail)
  SELECT org, id, 1, 'SUBMITTED', first_state, 0, 0, 0, 0, actor, words,
    jsonb_strip_nulls(jsonb_build_object('tier', tier, 'source', source, 'kind', kind, 'score', score,
      'due_time', due_time, 'default_verdict', default_verdict))
      || CASE WHEN decisions IS NULL THEN '{}' ELSE jsonb_build_object('decisions', decisions) END
  FROM input WHERE accepted
),
-- Nobody becomes more urgent before they are approved, but what they wait for has to know of them.
urging AS MATERIALIZED (
  SELECT n, id, score, band, false AS blocked FROM input WHERE accepted
),
-- include ./parts/inherit-urgency.sql
SELECT i.n::int AS n,
  CASE
    WHEN i.same_body THEN 'ALREADY_SUBMITTED'
    WHEN i.known_id IS NOT NULL THEN 'REQUEST_ID_REUSED'
    WHEN NOT i.parent_known THEN 'PARENT_NOT_FOUND'
    WHEN i.unknown_id IS NOT NULL THEN 'DEPENDENCY_NOT_FOUND'
    ELSE 'SUBMITTED'
  END AS kind,
  coalesce(i.known_id, i.unknown_id::uuid, i.id) AS task_id,
  coalesce(t.state, i.first_state) AS state, coalesce(t.seq, 1) AS seq, i.score, i.band
FROM input AS i
LEFT JOIN LATERAL (
  SELECT state, seq FROM task WHERE task.org = i.org AND task.id = i.known_id
  LIMIT 1
) AS t ON true
