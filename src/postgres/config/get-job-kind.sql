-- A kind of job, if anything is said of it.
--   $1 text org   $2 text kind
SELECT
-- include ./parts/job-kind-columns.sql
FROM job_kind WHERE org = $1 AND kind = $2
