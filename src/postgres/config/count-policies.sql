-- How many policies an org has that are not deleted, and how many versions in all.
--   $1 text org
SELECT count(*) FILTER (WHERE NOT deleted) AS count, coalesce(sum(versions), 0)::bigint AS versions
FROM (
  SELECT DISTINCT ON (policy_id) deleted, count(*) OVER (PARTITION BY policy_id) AS versions
  FROM policy WHERE org = $1 ORDER BY policy_id, version DESC
) AS newest
