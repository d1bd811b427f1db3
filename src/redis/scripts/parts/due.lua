-- Sets of things that are due at a time, each with a number that tells newer from older.
local function setDue(name, id, number, due)
  call('ZADD', key(name), text(due), id)
  call('HSET', key(name .. ':of'), id, number)
end

local function numberOf(name, id)
  return tonumber(call('HGET', key(name .. ':of'), id) or -1)
end

local function dropDue(name, id)
  call('ZREM', key(name), id)
  call('HDEL', key(name .. ':of'), id)
end

local function takeDue(name, max)
  local taken = {}
  for _, id in ipairs(call('ZRANGEBYSCORE', key(name), '-inf', text(now), 'LIMIT', 0, max)) do
    local due = tonumber(call('ZSCORE', key(name), id))
    taken[#taken + 1] = { id, numberOf(name, id), due }
    dropDue(name, id)
  end
  return taken
end
