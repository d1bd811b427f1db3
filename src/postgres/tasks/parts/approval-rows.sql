-- The approvals of `slice`, with what is asked for.
SELECT a.task_id, a.reason, a.policy_id, a.policy_version, a.create_time, a.due_time, a.default_verdict, a.verdict,
  a.approver, a.verdict_reason, a.verdict_time, s.kind, s.goal, s.submitter_subject_id AS submitter
FROM slice AS a
CROSS JOIN LATERAL (
  SELECT kind, goal, submitter_subject_id FROM task_spec WHERE task_spec.org = a.org AND task_spec.task_id = a.task_id
  LIMIT 1
) AS s
