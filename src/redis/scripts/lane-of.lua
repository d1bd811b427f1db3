-- The lane that a task is in; nil: it is in none. ARGV: task.
-- include ./parts/base.lua
-- include ./parts/entries.lua
local place = read(redis.call('HGET', base .. 'tasks', ARGV[1]))
return place and place.lane.l or nil
