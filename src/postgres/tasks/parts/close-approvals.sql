-- Nobody is asked any more about what has ended while it waited for a person's word. From `changed` (org, id, before).
closed_approval AS (
  UPDATE task_approval AS a SET open = false
  FROM changed AS c
  WHERE c.before = 'AWAITING_APPROVAL' AND a.org = c.org AND a.task_id = c.id
),
