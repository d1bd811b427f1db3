-- What attempts at tasks have left. One row for each task of which there is something.
--   $1 text[] org   $2 uuid[] task id
SELECT i.n::int AS n, c.epoch, c.attempt, c.media_type, c.data, c.update_time
FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS i (org, id, n)
CROSS JOIN LATERAL (
  SELECT epoch, attempt, media_type, data, update_time FROM task_checkpoint
  WHERE task_checkpoint.org = i.org AND task_checkpoint.task_id = i.id
  LIMIT 1
) AS c
