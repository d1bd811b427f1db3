-- When tasks of an org that name limits were claimed last, of the newest ones. One row.
--   $1 text org   $2 bigint claimed within so many ms   $3 int at most so many tasks are looked at
WITH keyed AS MATERIALIZED (
  SELECT task_id, requirements -> 'keys' -> 'limits' AS limits FROM task_spec
  WHERE org = $1 AND requirements -> 'keys' IS NOT NULL
  ORDER BY task_id DESC LIMIT $3::int
)
SELECT (SELECT count(*) FROM keyed)::int AS looked, (
  SELECT coalesce(jsonb_agg(jsonb_build_array(
    k.limits, ceil(extract(epoch FROM now() - t.start_time) * 1000)::bigint, t.epoch
  )), '[]') FROM keyed AS k
  CROSS JOIN LATERAL (
    SELECT start_time, epoch FROM task WHERE task.org = $1 AND task.id = k.task_id
    LIMIT 1
  ) AS t
  WHERE t.start_time > now() - $2::bigint * interval '1 millisecond' AND jsonb_array_length(k.limits) > 0
) AS starts
