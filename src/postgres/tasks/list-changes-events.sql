-- The events that came with changes of tasks: that of the change's number, and those before it which the same
-- transaction wrote, whose time is the same. Oldest first within a change.
--   $1 text[] orgs   $2 uuid[] task ids   $3 int[] numbers
SELECT i.n::int AS n, e.*
FROM unnest($1::text[], $2::uuid[], $3::int[]) WITH ORDINALITY AS i (org, id, seq, n)
CROSS JOIN LATERAL (
  SELECT t.task_id, t.seq, t.type, t.state, t.event_time, t.epoch, t.attempt, t.series, t.agent_id, t.actor,
    t.reason, t.detail, max(t.event_time) FILTER (WHERE t.seq = i.seq) OVER () AS change_time
  FROM task_trail AS t
  WHERE t.org = i.org AND t.task_id = i.id AND t.seq BETWEEN i.seq - 7 AND i.seq
) AS e
WHERE e.event_time = e.change_time
ORDER BY i.n, e.seq
