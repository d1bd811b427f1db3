-- Takes the rules of an org for the rest of the transaction: changes of them come one after the other, and
-- what is read afterwards is as it is.
--   $1 text org
INSERT INTO org_rules (org, version) VALUES ($1, 0)
ON CONFLICT (org) DO UPDATE SET version = org_rules.version
RETURNING version
