-- The lane that a task is in; nil: it is in none. ARGV: task.
-- include ./parts/base.lua
-- include ./parts/entries.lua
local place = entryOfText(redis.call('HGET', base .. 'tasks', ARGV[1])).q
return place and place.lane.l or nil
