-- Connected processes of agents: what they are in `instances`, their counts in `instance:<session>`.
local known = {}

local function countsOf(sid)
  return key('instance:' .. sid)
end

local function isKnown(sid)
  if known[sid] == nil then
    known[sid] = call('HEXISTS', key('instances'), sid) == 1
  end
  return known[sid]
end

-- Those that are gone count no more.
local function count(sid, field, by)
  if isKnown(sid) then
    call('HINCRBY', countsOf(sid), field, by)
    mark('s:' .. sid)
  end
end

local function charge(sid, by)
  count(sid, 'assigned', by)
  count(sid, 'inFlight', by)
end

local function hasCredit(sid)
  if not isKnown(sid) then
    return false
  end
  local counts = call('HMGET', countsOf(sid), 'granted', 'assigned')
  return tonumber(counts[1]) > tonumber(counts[2])
end

local function forget(sid, holder)
  call('HDEL', key('instances'), sid)
  call('DEL', countsOf(sid))
  call('SREM', key('of:' .. holder), sid)
  known[sid] = false
  mark('p:' .. sid)
end
