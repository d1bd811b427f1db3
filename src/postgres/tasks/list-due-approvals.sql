-- Tasks whose approval is due on this clock, the first due first.
--   $1 int at most so many
SELECT org, task_id FROM task_approval
WHERE open AND due_time <= now()
ORDER BY due_time LIMIT $1::int
