-- What time has brought about since the last step.
local SWEEP = 200

local function release(id)
  local entry = entryOf(id)
  if entry.r then
    giveBack(entry, true)
  else
    -- It goes from there, as if it had been.
    entry.wasR = { with = {} }
  end
end

-- Coordinators say that they are there; the instances of one that has not are void.
local function keepHolders()
  local holders = key('holders')
  local isNew = false
  if ask.holds then
    isNew = call('ZADD', holders, text(now + ask.ttl), ask.me) == 1
  end
  for _, holder in ipairs(call('ZRANGEBYSCORE', holders, '-inf', '(' .. text(now))) do
    for _, sid in ipairs(call('SMEMBERS', key('of:' .. holder))) do
      forget(sid, holder)
    end
    for _, message in ipairs(call('LRANGE', key('inbox:' .. holder), 0, -1)) do
      local reservation = cjson.decode(message)
      local entry = entryOf(reservation.id)
      if entry.r and nameOf(entry.r) == reservation.rid then
        giveBack(entry, true)
      end
    end
    call('DEL', key('inbox:' .. holder), key('of:' .. holder))
    call('ZREM', holders, holder)
  end
  return isNew
end

-- Rates let tasks go again, and what was too much for one step goes on.
local function sweepLimits()
  for _, name in ipairs(call('ZRANGEBYSCORE', key('rates'), '-inf', text(now), 'LIMIT', 0, SWEEP)) do
    call('ZREM', key('rates'), name)
    toWake[name] = true
  end
  for _, name in ipairs(call('SPOP', key('unsettled'), SWEEP)) do
    if byte(name) == byte('|') then
      mark('l:', sub(name, 2))
    else
      toWake[name] = true
    end
  end
  wakeAll()
end

local function sweep()
  for _, id in ipairs(call('ZRANGEBYSCORE', key('reserved'), '-inf', text(now), 'LIMIT', 0, SWEEP)) do
    release(id)
  end
  -- Tasks that found no other agent in time go to any.
  for _, id in ipairs(call('ZRANGEBYSCORE', key('elsewhere'), '-inf', text(now), 'LIMIT', 0, SWEEP)) do
    local entry = entryOf(id)
    local place = entry.q
    local base = place and call('HGET', key('bases'), place.lane.l)
    write('zset', 'elsewhere', id, false)
    if base then
      local name, description = match(base, '^(%S+) (.*)$')
      quitLane(entry)
      if call('HSETNX', key('lanes'), name, description) == 1 then
        mark('d:', name)
      end
      local part = place.lane.p and '|' .. place.lane.p or ''
      local lane = laneOf(name .. part .. ' ' .. place.lane.t .. ' ' .. place.lane.k)
      enterLane(entry, { lane = lane, c = place.c, s = place.s, f = place.f })
    end
  end
  if anyKeyed() then
    sweepLimits()
  end
end

-- When the next of these is due; nil: nothing is.
local function nextSweep()
  if anyKeyed() and call('EXISTS', key('unsettled')) == 1 then
    return now
  end
  local least
  for _, name in ipairs(anyKeyed() and { 'reserved', 'elsewhere', 'rates' } or { 'reserved', 'elsewhere' }) do
    local first = call('ZRANGE', key(name), 0, 0, 'WITHSCORES')
    local due = first[2] and tonumber(first[2])
    if due and (not least or due < least) then
      least = due
    end
  end
  return least
end
