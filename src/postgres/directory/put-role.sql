-- Makes a role, or changes it, and raises the version of its organisation's rules. No row if the
-- organisation has too many.
--   $1 text org                          $2 text role_id        $3 text role_type
--   $4 text job_space_id (empty: all)    $5 text[] group_ids    $6 jsonb attributes
--   $7 text description                  $8 int at most so many
WITH put AS (
  INSERT INTO role (org, role_id, role_type, job_space_id, group_ids, attributes, description, update_time)
  SELECT $1, $2, $3, $4, $5::text[], $6::jsonb, $7, clock_timestamp()
  WHERE EXISTS (SELECT FROM role WHERE org = $1 AND role_id = $2)
    OR (SELECT count(*) FROM role WHERE org = $1) < $8::int
  ON CONFLICT (org, role_id) DO UPDATE SET
    role_type = excluded.role_type, job_space_id = excluded.job_space_id, group_ids = excluded.group_ids,
    attributes = excluded.attributes, description = excluded.description, update_time = excluded.update_time
  RETURNING *
),
raised AS (
  INSERT INTO org_rules (org, version) SELECT $1, 1 FROM put
  ON CONFLICT (org) DO UPDATE SET version = org_rules.version + 1, update_time = clock_timestamp()
)
SELECT role_id, role_type, job_space_id, group_ids, attributes, description, update_time FROM put
