-- Sets a parameter, whatever it was.
--   $1 text org   $2 text key   $3 text value (JSON)   $4 bigint version   $5 text actor
INSERT INTO org_config (org, key, value, version, actor) VALUES ($1, $2, $3::jsonb, $4::bigint, $5)
ON CONFLICT (org, key) DO UPDATE
SET value = excluded.value, version = excluded.version, update_time = excluded.update_time, actor = excluded.actor
RETURNING
-- include ./parts/parameter-columns.sql
