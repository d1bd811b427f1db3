-- How many tasks of lanes go before one, and the first of them: {count, {task, …}} each. ARGV: task, its score,
-- how many to name, and of each lane whether all of it goes before ('1'), and its name.
-- include ./parts/base.lua
local id, score, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
local reply = {}
for i = 4, #ARGV, 2 do
  local lane = base .. 'lane:' .. ARGV[i + 1]
  local count
  if ARGV[i] == '1' then
    count = redis.call('ZCARD', lane)
  else
    count = redis.call('ZCOUNT', lane, '-inf', '(' .. score)
    -- Those of one score are in the order of their ids.
    for _, other in ipairs(redis.call('ZRANGEBYSCORE', lane, score, score, 'LIMIT', 0, 10000)) do
      if other >= id then
        break
      end
      count = count + 1
    end
  end
  local first = count > 0 and redis.call('ZRANGE', lane, 0, math.min(count, most) - 1) or {}
  reply[#reply + 1] = { count, first }
end
return cjson.encode(reply)
