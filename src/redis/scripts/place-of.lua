-- The lane that a task is in, its score, where it would best be done ('': anywhere), and its part of the lane ('': it
-- names no keys); nil: it is in none. ARGV: task.
-- include ./parts/base.lua
-- include ./parts/entries.lua
local place = read(redis.call('HGET', base .. 'tasks', ARGV[1]))
return place and { place.lane.l, place.c, place.f or '', place.lane.p or '' } or nil
