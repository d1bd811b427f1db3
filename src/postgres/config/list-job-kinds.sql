-- The kinds of jobs of an org by name.
--   $1 text org   $2 int at most so many
SELECT
-- include ./parts/job-kind-columns.sql
FROM job_kind WHERE org = $1 ORDER BY kind LIMIT $2::int
