-- The next org that has tasks.
--   $1 text after this one
SELECT org FROM task WHERE org > $1 ORDER BY org LIMIT 1
