-- Forgets what jobs of a kind are like.
--   $1 text org   $2 text kind
DELETE FROM job_kind WHERE org = $1 AND kind = $2
RETURNING
-- include ./parts/job-kind-columns.sql
