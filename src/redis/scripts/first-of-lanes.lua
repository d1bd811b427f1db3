-- The first tasks of lanes by their scores, those that name keys among them: {lane, {task, score, …}}. ARGV: how many
-- of each, the lanes.
-- include ./parts/base.lua
-- include ./parts/by-score.lua
local reply = {}
for i = 2, #ARGV do
  reply[i - 1] = { ARGV[i], firstByScore(ARGV[i], tonumber(ARGV[1])) }
end
return cjson.encode(reply)
