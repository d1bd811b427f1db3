-- Inserts tasks that depend on others, each with its edges, and passes its urgency on to the
-- tasks it waits for. One row an input as submit-tasks has it, or DEPENDENCY_NOT_FOUND with
-- the id; and one for each task that became more urgent: INHERITED with what the index needs.
-- Parameters are those of submit-tasks up to $40, and
--   $41 int[]  place of the dependent in the batch (from 1), for each edge
--   $42 uuid[] task it depends on       $43 bool[] whether it runs however that ends
--   $44 text[] terminal states          $45 text[] waiting states
--   $46 int    ancestors that become more urgent, at most, besides those of the edges
-- Tasks that others depend on are locked first, all in the order of their ids, and then read:
-- what ends meanwhile has either ended for this statement or settles its edges: each task that is
-- named and may be open, now or after a retry, is written, by which who ends or retries it sees that
-- there is an edge more (as-read.sql).
WITH RECURSIVE given AS MATERIALIZED (
-- include ./parts/submit-input.sql
),
-- include ./parts/wanted-edges.sql
input AS MATERIALIZED (
  SELECT g.n, g.org, g.id, g.kind, g.tier, g.source, g.submitter, g.parent_id, g.labels, g.requirements, g.retry,
    g.attempt_timeout_ms, g.create_ms, g.request_id, g.actor, g.body_at, g.body_size, g.hash_at, g.hash_size, g.goal,
    g.intent, g.job_space_id, g.run_at_ms, g.head_start_ms, g.deadline_ms, g.dependencies, g.workflow_id,
    g.workflow_node, g.workflow_run, g.workflow_item, g.workflow_group, g.workflow_task, g.own_score, g.score,
    g.decisions, g.band, g.known_id, g.same_body, g.parent_known, coalesce(s.pending, 0) AS pending, s.unknown_id, s.cause,
    NULL::timestamptz AS submit_time, NULL::text AS agent_id, NULL::text AS selection,
    g.accepted AND s.unknown_id IS NULL AS accepted,
    CASE
      WHEN s.cause IS NOT NULL THEN 'SKIPPED'
      WHEN s.pending > 0 THEN 'BLOCKED'
      ELSE g.first_state
    END AS first_state,
    CASE WHEN s.cause IS NULL AND coalesce(s.pending, 0) = 0 THEN g.run_time END AS run_time
  FROM given AS g LEFT JOIN sum AS s ON s.n = g.n
),
-- include ./parts/new-specs.sql
new_task AS (
  INSERT INTO task (org, id, state, open, tier, band, score, seq, pending, create_time, runnable_time, run_time,
    finish_time, reason, head_start_ms, inherited_score, deadline, workflow_id, workflow_node, workflow_run, workflow_item)
  SELECT org, id, first_state, first_state <> 'SKIPPED', tier, band, score, 1, pending, to_timestamp(create_ms / 1000),
    CASE first_state WHEN 'QUEUED' THEN to_timestamp(create_ms / 1000) END, run_time,
    CASE first_state WHEN 'SKIPPED' THEN now() END,
    CASE first_state WHEN 'SKIPPED' THEN 'UPSTREAM_FAILED' ELSE '' END,
    head_start_ms, nullif(score, own_score), to_timestamp(deadline_ms / 1000),
    workflow_id, workflow_node, workflow_run, workflow_item
  FROM input WHERE accepted
),
new_edge AS (
  INSERT INTO task_edge (org, task_id, upstream_id, state, run_anyway)
  SELECT e.org, i.id, e.upstream_id, e.state, e.run_anyway
  FROM edge AS e JOIN input AS i ON i.n = e.n
  WHERE i.accepted
),
new_event AS (
  INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries, actor, reason, detail)
  SELECT org, id, 1, 'SUBMITTED', first_state, 0, 0, 0, 0, actor,
    CASE first_state WHEN 'SKIPPED' THEN 'UPSTREAM_FAILED' ELSE '' END,
    jsonb_strip_nulls(jsonb_build_object('tier', tier, 'source', source, 'kind', kind, 'score', score,
      'run_time', run_time, 'pending', pending)) || coalesce(cause, '{}')
      || CASE WHEN decisions IS NULL THEN '{}' ELSE jsonb_build_object('decisions', decisions) END
  FROM input WHERE accepted
),
urging AS MATERIALIZED (
  SELECT n, id, score, band, first_state = 'BLOCKED' AS blocked FROM input WHERE accepted
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
  coalesce(t.state, i.first_state) AS state, NULL::bigint AS epoch, coalesce(t.seq, 1) AS seq, i.score, i.band,
  NULL AS tier, NULL AS kind_of_task, NULL::jsonb AS requirements, NULL AS agent_id
FROM input AS i
LEFT JOIN LATERAL (
  SELECT state, seq FROM task WHERE task.org = i.org AND task.id = i.known_id
  LIMIT 1
) AS t ON true
UNION ALL
-- include ./parts/inherited-rows.sql
