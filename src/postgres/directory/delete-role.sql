-- Deletes a role, and raises the version of its organisation's rules. One row if there was one.
--   $1 text org   $2 text role_id
WITH gone AS (
  DELETE FROM role WHERE org = $1 AND role_id = $2
  RETURNING *
),
raised AS (
  INSERT INTO org_rules (org, version) SELECT $1, 1 FROM gone
  ON CONFLICT (org) DO UPDATE SET version = org_rules.version + 1, update_time = clock_timestamp()
)
SELECT role_id, role_type, job_space_id, group_ids, attributes, description, update_time FROM gone
