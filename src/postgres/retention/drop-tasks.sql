-- Drops those of an org's next tasks that ended long ago, with their edges to what they waited for; what
-- another waits for, or was skipped for, stays, and what is part of a workflow that did not end so long ago. One row
-- for each task looked at: whether it is gone.
--   $1 text org          $2 uuid after this id   $3 uuid below this id
--   $4 bigint kept after their end, in ms        $5 int at most so many
-- What partitions hold of them goes with its day; the default ones have none, so theirs goes now.
WITH slice AS MATERIALIZED (
  SELECT org, id, open, workflow_id FROM task WHERE org = $1 AND id > $2::uuid AND id < $3::uuid
  ORDER BY org, id LIMIT $5::int
),
ended AS MATERIALIZED (
  SELECT i.org, i.id, t.place
  FROM slice AS i
  CROSS JOIN LATERAL (
    SELECT ctid AS place FROM task
    WHERE task.org = i.org AND task.id = i.id AND NOT open
      AND finish_time < now() - $4::bigint * interval '1 ms'
-- include ../tasks/parts/as-read.sql
    FOR UPDATE SKIP LOCKED
  ) AS t
  CROSS JOIN LATERAL (
    SELECT count(*) AS dependents FROM (
      SELECT FROM task_edge WHERE org = i.org AND upstream_id = i.id AND state <> 'satisfied' LIMIT 1
    ) AS e
  ) AS d
  CROSS JOIN LATERAL (
    SELECT count(*) AS workflows FROM (
      SELECT FROM workflow
      WHERE workflow.org = i.org AND workflow.id = i.workflow_id
        AND (open OR finish_time >= now() - $4::bigint * interval '1 ms') LIMIT 1
    ) AS w
  ) AS h
  WHERE NOT i.open AND d.dependents = 0 AND h.workflows = 0
),
edge AS (
  DELETE FROM task_edge WHERE ctid = ANY (ARRAY(
    SELECT e.place FROM ended CROSS JOIN LATERAL (
      SELECT ctid AS place FROM task_edge WHERE org = ended.org AND task_id = ended.id OFFSET 0
    ) AS e
  ))
),
approval AS (
  DELETE FROM task_approval WHERE ctid = ANY (ARRAY(
    SELECT a.place FROM ended CROSS JOIN LATERAL (
      SELECT ctid AS place FROM task_approval WHERE org = ended.org AND task_id = ended.id OFFSET 0
    ) AS a
  ))
),
checkpoint AS (
  DELETE FROM task_checkpoint WHERE ctid = ANY (ARRAY(
    SELECT c.place FROM ended CROSS JOIN LATERAL (
      SELECT ctid AS place FROM task_checkpoint WHERE org = ended.org AND task_id = ended.id OFFSET 0
    ) AS c
  ))
),
spec AS (
  DELETE FROM task_spec_default WHERE ctid = ANY (ARRAY(
    SELECT s.place FROM ended CROSS JOIN LATERAL (
      SELECT ctid AS place FROM task_spec_default WHERE org = ended.org AND task_id = ended.id OFFSET 0
    ) AS s
  ))
),
result AS (
  DELETE FROM task_result_default WHERE ctid = ANY (ARRAY(
    SELECT r.place FROM ended CROSS JOIN LATERAL (
      SELECT ctid AS place FROM task_result_default WHERE org = ended.org AND task_id = ended.id OFFSET 0
    ) AS r
  ))
),
event AS (
  DELETE FROM task_event_default WHERE ctid = ANY (ARRAY(
    SELECT v.place FROM ended CROSS JOIN LATERAL (
      SELECT ctid AS place FROM task_event_default WHERE org = ended.org AND task_id = ended.id OFFSET 0
    ) AS v
  ))
),
gone AS (
  DELETE FROM task WHERE ctid = ANY (ARRAY(SELECT place FROM ended)) AND NOT open
  RETURNING id
)
SELECT id, id IN (SELECT id FROM gone) AS gone FROM slice ORDER BY id
