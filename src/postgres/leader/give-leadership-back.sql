-- Gives the leadership back.
--   $1 text name   $2 text holder
UPDATE leader SET expires_at = '-infinity' WHERE name = $1 AND holder = $2
