-- Lanes with tasks that name keys: those tasks are in zsets of their own, `part:` by lane and part, and by score in
-- `keyed:` of the lane, which are the lanes of the set `keyed`. What names none is a part as well, the lane itself.
-- Of each fairness key `parts:` has what its parts wait for ('': nothing), `heads:` those that may go, by their first
-- score. Parts whose limit is full are `parked:` under it and their lane, by what their key was served, and the lane
-- under it, until it has room. Work on them is bounded in each step: what is left is `unsettled`.
local WORK = 300
local work = 0
-- By the name of the zset: what is to be looked at again.
local touched = {}
local toWake = {}

local function tasksOf(lane, part)
  return part.text == '' and 'lane:' .. lane or 'part:' .. lane .. '|' .. part.text
end

local function touch(lane)
  if lane.p or not touched[lane.key] then
    touched[lane.key] = lane
  end
end

-- Why nothing of a part may go: the limit that is full, and until when, if that is known; nil: it may.
local function fullOf(part)
  for _, name in ipairs(part.limits) do
    if isUnready() and limitOf(name) then
      return '*'
    end
    local room = roomOf(name)
    if room and room <= 0 then
      return name
    end
  end
end

-- Whoever has room of a limit that a part has no more use of is to be looked for.
local function wakeOthers(part, but)
  for _, name in ipairs(part.limits) do
    if name ~= but then
      toWake[name] = true
    end
  end
end

local function stand(lane, part, first, why)
  local f, p = part.f, part.text
  local heads, turns = key('heads:' .. lane .. '|' .. f), key('turns:' .. lane)
  local parts = key('parts:' .. lane .. '|' .. f)
  call('HSET', parts, p, why or '')
  if not why then
    call('ZADD', heads, first, p)
    if not call('ZSCORE', turns, f) then
      call('ZADD', turns, figure(servedBy(lane, f) or leastServed(lane) or 0), f)
    end
    return
  end
  if call('ZREM', heads, p) == 1 and call('EXISTS', heads) == 0 then
    call('ZREM', turns, f)
  end
  call('ZADD', key('parked:' .. why .. '|' .. lane), figure(servedBy(lane, f) or 0), p)
  call('ZADD', key('parked:' .. why), 'NX', text(now), lane)
  call('SADD', key('parked'), why)
  local due = why ~= '*' and nextStart(why)
  if due then
    call('ZADD', key('rates'), text(due), why)
  end
  wakeOthers(part, why)
end

local function unpark(lane, part, why)
  local parked = key('parked:' .. why .. '|' .. lane)
  call('ZREM', parked, part.text)
  if call('EXISTS', parked) == 0 then
    if call('ZREM', key('parked:' .. why), lane) == 1 and call('EXISTS', key('parked:' .. why)) == 0 then
      call('SREM', key('parked'), why)
    end
  end
end

-- A part has other tasks than before.
local function lookAt(lane, part)
  local f, p = part.f, part.text
  local parts = key('parts:' .. lane .. '|' .. f)
  local stood = call('HGET', parts, p)
  local first = call('ZRANGE', key(tasksOf(lane, part)), 0, 0, 'WITHSCORES')[2]
  if first then
    if not stood and call('EXISTS', parts) == 0 then
      setServed(lane, f, servedOnReturn(lane, f))
      call('ZREM', key('idle:' .. lane), f)
    end
    if not stood or stood == '' then
      stand(lane, part, first, fullOf(part))
    end
    return
  end
  if not stood then
    return
  end
  call('HDEL', parts, p)
  if stood ~= '' then
    unpark(lane, part, stood)
  else
    local heads = key('heads:' .. lane .. '|' .. f)
    call('ZREM', heads, p)
    if call('EXISTS', heads) == 0 then
      call('ZREM', key('turns:' .. lane), f)
    end
  end
  if call('EXISTS', parts) == 0 then
    beIdle(lane, f)
  end
  wakeOthers(part)
end

local NO_KEYS = partOf('')
local function lookAtTouched()
  local lanes = {}
  for name, lane in pairs(touched) do
    if lane.p then
      lookAt(lane.l, partOf(lane.p))
      lanes[lane.l] = true
    elseif isKeyed(lane.l) then
      lanes[lane.l] = true
    end
  end
  touched = {}
  for lane in pairs(lanes) do
    local has = call('EXISTS', key('keyed:' .. lane)) == 1
    call(has and 'SADD' or 'SREM', key('keyed'), lane)
    hasKeyed = nil
    lookAt(lane, NO_KEYS)
    if not has and call('EXISTS', key('lane:' .. lane)) == 0 then
      call('DEL', key('served:' .. lane))
      call('DEL', key('idle:' .. lane))
      recharged[lane] = nil
    end
  end
end

-- A limit may have room: as many parts as it has room for come back, the least served of each lane first.
local LANES_WOKEN, PARTS_WOKEN = 32, 64
local function wake(name)
  local lanes = call('ZRANGE', key('parked:' .. name), 0, LANES_WOKEN - 1)
  if #lanes == 0 then
    return
  end
  local room = PARTS_WOKEN
  if name == '*' then
    room = isUnready() and 0 or room
  else
    room = min(roomOf(name) or room, room)
  end
  if room <= 0 then
    local due = name ~= '*' and nextStart(name)
    if due then
      call('ZADD', key('rates'), text(due), name)
    end
    return
  end
  for _, lane in ipairs(lanes) do
    local left = room
    while left > 0 and work < WORK do
      local p = call('ZRANGE', key('parked:' .. name .. '|' .. lane), 0, 0)[1]
      if not p then
        break
      end
      work = work + 1
      local part = partOf(p)
      unpark(lane, part, name)
      local why = fullOf(part)
      local first = call('ZRANGE', key(tasksOf(lane, part)), 0, 0, 'WITHSCORES')[2]
      if first then
        stand(lane, part, first, why)
      end
      if not why then
        left = left - 1
      end
    end
    -- Lanes take turns too, if there are more of them.
    call('ZADD', key('parked:' .. name), 'XX', text(now), lane)
    mark('l:', lane)
  end
  if (work >= WORK or room == PARTS_WOKEN) and call('EXISTS', key('parked:' .. name)) == 1 then
    call('SADD', key('unsettled'), name)
  end
end

local function wakeAll()
  while next(toWake) do
    local name = next(toWake)
    toWake[name] = nil
    if work < WORK then
      wake(name)
    elseif call('EXISTS', key('parked:' .. name)) == 1 then
      call('SADD', key('unsettled'), name)
    end
  end
end

-- What is found out too late to be told.
local function leaveToNext()
  for name in pairs(toWake) do
    local room = roomOf(name)
    if (not room or room > 0) and call('EXISTS', key('parked:' .. name)) == 1 then
      call('SADD', key('unsettled'), name)
    end
  end
end
