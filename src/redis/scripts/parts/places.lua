-- Where waiting tasks are, by the newest of their changes: what is told of them may come in any order.
local ELSEWHERE_MS = 5000

local function isElsewhere(lane)
  return string.sub(lane, 1, 1) == '!'
end

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
    if not described[lane] and call('EXISTS', key('lane:' .. lane)) == 0 then
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
local function enterLane(id, entry, place)
  if not describe(place.l) then
    return
  end
  entry.q = { l = place.l, c = place.c, s = place.s, t = place.t, k = place.k, f = place.f }
  write('zset', 'lane:' .. place.l, id, place.c)
  if place.f then
    write('hash', 'prefers', id, place.f)
  end
  if isElsewhere(place.l) then
    write('zset', 'elsewhere', id, text(now + ELSEWHERE_MS))
  end
  mark('l:', place.l)
end

local function quitLane(id, entry)
  local place = entry.q
  if not place then
    return
  end
  entry.q = nil
  write('zset', 'lane:' .. place.l, id, false)
  if place.f then
    write('hash', 'prefers', id, false)
  end
  if isElsewhere(place.l) then
    write('zset', 'elsewhere', id, false)
  end
  mark('l:', place.l)
end

local function undelay(id, entry)
  if entry.d then
    write('zset', 'delayed:' .. entry.d.t, id, false)
    entry.d = nil
  end
end

local function isOld(entry, seq)
  return (entry.q and entry.q.s > seq) or (entry.d and entry.d.s > seq) or (entry.w and entry.w.s > seq)
end

local function addTask(id, entry, place, cause)
  local queued = entry.q
  if isOld(entry, place.s) or (queued and queued.s == place.s) then
    return
  end
  undelay(id, entry)
  if entry.h and entry.h.s > place.s then
    return
  end
  if entry.h or entry.r then
    place.cause = cause
    entry.w = place
    return
  end
  quitLane(id, entry)
  enterLane(id, entry, place)
  if not queued and cause == 'NEW' then
    moved(place.t, 'entered')
  end
end

local function leave(id, entry)
  quitLane(id, entry)
  entry.w = nil
end

-- It is neither reserved nor held any more.
local function settlePlace(id, entry)
  local later = entry.w
  if later then
    entry.w = nil
    addTask(id, entry, later, later.cause)
  end
end

local function putBack(id, entry, place)
  if not isOld(entry, place.s) then
    quitLane(id, entry)
    enterLane(id, entry, place)
  end
end
