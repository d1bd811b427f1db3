-- Where waiting tasks are, by the newest of their changes: what is told of them may come in any order.

-- A lane is described once, and so is the one that its tasks go to if they wait too long.
local described = {}

-- Of more lanes than this, some of those that are empty are forgotten with each new one.
local MAX_LANES = 20000
local FORGET = 50
local function forgetLanes()
  if call('HLEN', key('lanes')) <= MAX_LANES then
    return
  end
  for _, lane in ipairs(call('HRANDFIELD', key('lanes'), FORGET)) do
    if not described[lane] and call('EXISTS', key('lane:' .. lane), key('keyed:' .. lane)) == 0 then
      call('HDEL', key('lanes'), lane)
      call('HDEL', key('bases'), lane)
      mark('d:', lane)
    end
  end
end

local function describe(lane)
  if described[lane] then
    return true
  end
  if call('HEXISTS', key('lanes'), lane) == 1 then
    described[lane] = true
    return true
  end
  local given = ask.lanes and ask.lanes[lane]
  if not given then
    return false
  end
  call('HSET', key('lanes'), lane, given.d)
  if given.b then
    call('HSET', key('bases'), lane, given.b)
  end
  mark('d:', lane)
  described[lane] = true
  forgetLanes()
  return true
end

-- What cannot be described any more is left out: the reconciler brings it back.
local function enterLane(entry, place)
  local lane = place.lane.l
  if describe(lane) then
    entry.q = place
    mark('l:', lane)
  end
end

local function quitLane(entry)
  local place = entry.q
  if place then
    entry.q = nil
    mark('l:', place.lane.l)
  end
end

local function undelay(entry)
  if entry.d then
    write('zset', 'delayed:' .. entry.d.t, entry.id, false)
    entry.d = nil
  end
end

local function isOld(entry, seq)
  return (entry.q and entry.q.s > seq) or (entry.d and entry.d.s > seq) or (entry.w and entry.w.s > seq)
end

local function addTask(entry, place, cause)
  local queued, held = entry.q, entry.h
  if isOld(entry, place.s) or (queued and queued.s == place.s) then
    return
  end
  undelay(entry)
  if held and held.s > place.s then
    return
  end
  if held or entry.r then
    place.cause = cause
    entry.w = place
    return
  end
  quitLane(entry)
  enterLane(entry, place)
  if not queued and cause == 'NEW' then
    moved(place.lane.t, 'entered')
  end
end

local function leave(entry)
  quitLane(entry)
  entry.w = nil
end

-- It is neither reserved nor held any more.
local function settlePlace(entry)
  local later = entry.w
  if later then
    entry.w = nil
    addTask(entry, later, later.cause)
  end
end

local function putBack(entry, place)
  if not isOld(entry, place.s) then
    quitLane(entry)
    enterLane(entry, place)
  end
end
