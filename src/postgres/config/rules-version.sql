-- The version of an org's rules; no row if nothing was ever set.
--   $1 text org
SELECT version FROM org_rules WHERE org = $1
