-- Writes what was decided of a workflow, if it has the version that it was decided by and values of its context those
-- that were expected; and counts what has ended meanwhile. One row: OK with the workflow, CHANGED_SINCE, or
-- VERSION_MISMATCH with the first path and its version; none if there is no such workflow.
--   $1 text org        $2 uuid id         $3 bigint version   $4 text[] which of $7, $10, $11 and $12 are set
--   $5 text state or null                 $6 boolean whether it is open then, or null
--   $7 text end        $8 text reason or null                 $9 int run or null
--   $10 float8 finish time in ms          $11 float8 deadline in ms     $12 float8 wake time in ms
--   $13 text nodes (JSON): what each becomes
--   $14 text[] paths   $15 text[] values (JSON) or null       $16 bigint[] their versions or null: any
--   $17 text events (JSON)                $18 boolean whether the version rises
--   $19 int, $20 int  tasks that had succeeded and failed as it was read, or null: if there are others, it is due
-- What is read besides the locked row changes only with its version, or under its lock.
WITH locked AS MATERIALIZED (
  SELECT version, seq, context_version, state FROM workflow WHERE org = $1 AND id = $2::uuid
  FOR UPDATE
),
written AS MATERIALIZED (
  SELECT * FROM unnest($14::text[], $15::text[], $16::bigint[]) AS w (path, value, expected)
),
mismatch AS MATERIALIZED (
  SELECT w.path, coalesce(c.found, 0) AS found
  FROM written AS w
  LEFT JOIN LATERAL (
    SELECT version, CASE WHEN value IS NULL THEN 0 ELSE version END AS found FROM workflow_context
    WHERE workflow_id = $2::uuid AND path = w.path AND org = $1
    ORDER BY version DESC LIMIT 1
  ) AS c ON true
  WHERE w.expected <> coalesce(c.found, 0) AND w.expected IS DISTINCT FROM c.version
  ORDER BY w.path COLLATE "C" LIMIT 1
),
granted AS MATERIALIZED (
  SELECT seq, context_version, coalesce($5, state) AS state FROM locked
  WHERE version = $3::bigint AND NOT EXISTS (SELECT FROM mismatch)
),
absorbed AS (
  DELETE FROM workflow_settled AS d USING granted
  WHERE d.org = $1 AND d.workflow_id = $2::uuid
  RETURNING d.node, d.run, d.succeeded, d.delta
),
-- Of the runs that are under way: others count no more.
ended AS MATERIALIZED (
  SELECT a.node, a.succeeded, a.failed
  FROM (
    SELECT node, run, coalesce(sum(delta) FILTER (WHERE succeeded), 0)::int AS succeeded,
      coalesce(sum(delta) FILTER (WHERE NOT succeeded), 0)::int AS failed
    FROM absorbed GROUP BY node, run
  ) AS a
  CROSS JOIN LATERAL (
    SELECT FROM workflow_node WHERE workflow_id = $2::uuid AND node = a.node AND org = $1 AND run = a.run
    LIMIT 1
  ) AS n
),
-- What nobody has decided by is not forgotten by being counted.
unseen AS MATERIALIZED (
  SELECT n.succeeded + coalesce(e.succeeded, 0) <> $19::int OR n.failed + coalesce(e.failed, 0) <> $20::int AS is_due
  FROM (
    SELECT sum(succeeded) AS succeeded, sum(failed) AS failed FROM workflow_node
    WHERE workflow_id = $2::uuid AND org = $1
  ) AS n
  CROSS JOIN (SELECT sum(succeeded) AS succeeded, sum(failed) AS failed FROM ended) AS e
  WHERE $19::int IS NOT NULL
),
touched AS MATERIALIZED (
  SELECT node, max(succeeded) AS succeeded, max(failed) AS failed, max(change)::jsonb AS change
  FROM (
    SELECT node, succeeded, failed, NULL AS change FROM ended
    UNION ALL
    SELECT (c ->> 'node')::int, NULL, NULL, c::text FROM jsonb_array_elements($13::jsonb) AS c CROSS JOIN granted
  ) AS u
  GROUP BY node
),
new_node AS (
  UPDATE workflow_node AS n SET
    state = coalesce(t.change ->> 'state', n.state),
    reason = coalesce(t.change ->> 'reason', n.reason),
    run = coalesce((t.change ->> 'run')::int, n.run),
    total = coalesce((t.change ->> 'total')::int, n.total),
    submitted = coalesce((t.change ->> 'submitted')::int, n.submitted),
    succeeded = CASE WHEN (t.change ->> 'run')::int <> n.run THEN 0 ELSE n.succeeded + coalesce(t.succeeded, 0) END,
    failed = CASE WHEN (t.change ->> 'run')::int <> n.run THEN 0 ELSE n.failed + coalesce(t.failed, 0) END,
    start_time = CASE WHEN t.change ? 'startTime'
      THEN to_timestamp((t.change ->> 'startTime')::float8 / 1000) ELSE n.start_time END,
    finish_time = CASE WHEN t.change ? 'finishTime'
      THEN to_timestamp((t.change ->> 'finishTime')::float8 / 1000) ELSE n.finish_time END
  FROM touched AS t
  WHERE n.workflow_id = $2::uuid AND n.node = t.node AND n.org = $1
),
new_value AS (
  INSERT INTO workflow_context (org, workflow_id, path, version, value)
  SELECT $1, $2::uuid, w.path, g.context_version + 1, w.value::json FROM written AS w CROSS JOIN granted AS g
),
new_event AS (
  INSERT INTO workflow_event (org, workflow_id, seq, type, state, node, node_state, actor, reason, detail)
  SELECT $1, $2::uuid, g.seq + e.n, e.event ->> 'type', g.state, (e.event ->> 'node')::int, e.event ->> 'nodeState',
    e.event ->> 'actor', e.event ->> 'reason', e.event -> 'detail'
  FROM json_array_elements($17::json) WITH ORDINALITY AS e (event, n) CROSS JOIN granted AS g
),
changed AS (
  UPDATE workflow AS w SET
    state = g.state,
    open = coalesce($6::boolean, w.open),
    end_state = CASE WHEN 'end' = ANY ($4::text[]) THEN $7 ELSE w.end_state END,
    reason = coalesce($8, w.reason),
    run = coalesce($9::int, w.run),
    finish_time = CASE WHEN 'finishTime' = ANY ($4::text[]) THEN to_timestamp($10::float8 / 1000) ELSE w.finish_time END,
    deadline = CASE WHEN 'deadline' = ANY ($4::text[]) THEN to_timestamp($11::float8 / 1000) ELSE w.deadline END,
    wake_time = CASE
      WHEN NOT coalesce($6::boolean, w.open) THEN NULL
      WHEN (SELECT is_due FROM unseen) THEN now()
      WHEN 'wakeTime' = ANY ($4::text[]) THEN to_timestamp($12::float8 / 1000)
      ELSE w.wake_time
    END,
    version = w.version + CASE WHEN $18::boolean THEN 1 ELSE 0 END,
    seq = w.seq + json_array_length($17::json),
    context_version = w.context_version + CASE WHEN cardinality($14::text[]) > 0 THEN 1 ELSE 0 END,
    parts = w.parts + json_array_length($17::json) + cardinality($14::text[])
  FROM granted AS g
  WHERE w.org = $1 AND w.id = $2::uuid
  RETURNING w.*
)
SELECT
  CASE
    WHEN l.version <> $3::bigint THEN 'CHANGED_SINCE'
    WHEN m.path IS NOT NULL THEN 'VERSION_MISMATCH'
    ELSE 'OK'
  END AS kind, m.path, m.found,
-- include ./parts/workflow-columns.sql
FROM locked AS l
LEFT JOIN mismatch AS m ON true
LEFT JOIN changed AS w ON true
LEFT JOIN workflow_spec AS s ON s.org = $1 AND s.workflow_id = $2::uuid
