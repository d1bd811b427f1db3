-- Subjects that hold at least one of a few roles.
--   $1 text org   $2 text[] role_ids   $3 text[] groups that hold one of these roles   $4 int at most so many
SELECT subject_id, role_ids, group_ids FROM subject
WHERE org = $1 AND (role_ids && $2::text[] OR group_ids && $3::text[])
LIMIT $4::int
