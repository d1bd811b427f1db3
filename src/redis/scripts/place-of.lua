-- The lane that a task is in, its score, where it would best be done ('': anywhere), and its part of the lane ('': it
-- names no keys), and the task that is sent back for it ('': none is); nil: it is in none. ARGV: task.
-- include ./parts/base.lua
-- include ./parts/entries.lua
local place = read(redis.call('HGET', base .. 'tasks', ARGV[1]))
local sent, victim = place and redis.call('HGETALL', base .. 'sentBack') or {}, ''
for i = 2, #sent, 2 do
  victim = string.match(sent[i], '%S*$') == ARGV[1] and sent[i - 1] or victim
end
return place and { place.lane.l, place.c, place.f or '', place.lane.p or '', victim } or nil
