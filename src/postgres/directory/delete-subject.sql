-- Deletes a subject, and raises the version of its organisation's rules. One row if there was one.
--   $1 text org   $2 text subject_id
WITH gone AS (
  DELETE FROM subject WHERE org = $1 AND subject_id = $2
  RETURNING *
),
raised AS (
  INSERT INTO org_rules (org, version) SELECT $1, 1 FROM gone
  ON CONFLICT (org) DO UPDATE SET version = org_rules.version + 1, update_time = clock_timestamp()
)
SELECT subject_id, subject_type, role_ids, group_ids, attributes, update_time FROM gone
