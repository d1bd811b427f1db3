-- The next subjects of an organisation, by id.
--   $1 text org   $2 text after this subject_id   $3 int at most so many
SELECT subject_id, role_ids, group_ids FROM subject
WHERE org = $1 AND subject_id > $2
ORDER BY subject_id LIMIT $3::int
