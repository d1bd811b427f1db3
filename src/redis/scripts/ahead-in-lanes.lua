-- How many tasks of lanes go before one by their scores, and the first of them: {count, {task, score, …}} each. ARGV:
-- task, its score, how many to name, and of each lane whether all of it goes before ('1'), and its name.
-- include ./parts/base.lua
-- include ./parts/by-score.lua
local id, score, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
local reply = {}
for i = 4, #ARGV, 2 do
  local count = 0
  for _, kind in ipairs(KINDS) do
    local lane = base .. kind .. ARGV[i + 1]
    if ARGV[i] == '1' then
      count = count + redis.call('ZCARD', lane)
    else
      count = count + redis.call('ZCOUNT', lane, '-inf', '(' .. score)
      -- Those of one score are in the order of their ids.
      for _, other in ipairs(redis.call('ZRANGEBYSCORE', lane, score, score, 'LIMIT', 0, 10000)) do
        if other >= id then
          break
        end
        count = count + 1
      end
    end
  end
  local first = count > 0 and firstByScore(ARGV[i + 1], math.min(count, most)) or {}
  reply[#reply + 1] = { count, first }
end
return cjson.encode(reply)
