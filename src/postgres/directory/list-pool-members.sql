-- The ids of subjects that hold at least one of some roles, and all of some others.
--   $1 text org
--   $2 text[] roles of which one is to be held      $3 text[] groups that hold one of those
--   $4 text[] roles that are all to be held         $5 int at most so many
SELECT subject_id FROM subject AS s
WHERE s.org = $1 AND (s.role_ids && $2::text[] OR s.group_ids && $3::text[])
  AND NOT EXISTS (
    SELECT FROM unnest($4::text[]) AS wanted (role_id)
    WHERE NOT s.role_ids @> ARRAY[wanted.role_id] AND NOT EXISTS (
      SELECT FROM role AS r
      WHERE r.org = $1 AND r.role_id = wanted.role_id AND r.group_ids && s.group_ids
    )
  )
LIMIT $5::int
