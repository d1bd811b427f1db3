-- Says that the rules of an org have changed. They are locked.
--   $1 text org
UPDATE org_rules SET version = version + 1, update_time = clock_timestamp() WHERE org = $1
RETURNING version
