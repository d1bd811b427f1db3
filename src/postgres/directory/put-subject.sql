-- Makes a subject, or changes it, and raises the version of its organisation's rules. No row if the
-- organisation has too many.
--   $1 text org              $2 text subject_id      $3 text subject_type   $4 text[] role_ids
--   $5 text[] group_ids      $6 jsonb attributes     $7 int at most so many
WITH put AS (
  INSERT INTO subject (org, subject_id, subject_type, role_ids, group_ids, attributes, update_time)
  SELECT $1, $2, $3, $4::text[], $5::text[], $6::jsonb, clock_timestamp()
  WHERE EXISTS (SELECT FROM subject WHERE org = $1 AND subject_id = $2)
    OR (SELECT count(*) FROM subject WHERE org = $1) < $7::int
  ON CONFLICT (org, subject_id) DO UPDATE SET
    subject_type = excluded.subject_type, role_ids = excluded.role_ids, group_ids = excluded.group_ids,
    attributes = excluded.attributes, update_time = excluded.update_time
  RETURNING *
),
raised AS (
  INSERT INTO org_rules (org, version) SELECT $1, 1 FROM put
  ON CONFLICT (org) DO UPDATE SET version = org_rules.version + 1, update_time = clock_timestamp()
)
SELECT subject_id, subject_type, role_ids, group_ids, attributes, update_time FROM put
