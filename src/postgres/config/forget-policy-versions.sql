-- Forgets the versions of an org's policies that were replaced the longest ago, and what says that
-- policies were deleted.
--   $1 text org   $2 int so many
DELETE FROM policy USING (
  SELECT org, policy_id, version FROM policy AS old
  WHERE org = $1 AND (deleted OR EXISTS (
    SELECT FROM policy AS later
    WHERE later.org = old.org AND later.policy_id = old.policy_id AND later.version > old.version
  ))
  ORDER BY create_time, policy_id, version LIMIT $2::int
) AS replaced
WHERE policy.org = replaced.org AND policy.policy_id = replaced.policy_id AND policy.version = replaced.version
