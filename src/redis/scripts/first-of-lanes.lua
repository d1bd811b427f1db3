-- The first tasks of lanes: {lane, {task, score, …}}. ARGV: how many of each, the lanes.
-- include ./parts/base.lua
local reply = {}
for i = 2, #ARGV do
  reply[i - 1] = { ARGV[i], redis.call('ZRANGE', base .. 'lane:' .. ARGV[i], 0, ARGV[1] - 1, 'WITHSCORES') }
end
return cjson.encode(reply)
