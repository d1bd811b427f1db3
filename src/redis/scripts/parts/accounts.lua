-- What was given to whom: of each lane to its fairness keys, in time of slots over their weights (`served:`, by key;
-- `idle:` those of which nothing waits, `turns:` those with something that may go), and to the two bands.
-- Most organisations have no lane with tasks that name keys: their steps are to cost nothing more.
local hasKeyed
local function anyKeyed()
  if hasKeyed == nil then
    hasKeyed = call('EXISTS', key('keyed')) == 1
  end
  return hasKeyed
end

local function isKeyed(lane)
  return anyKeyed() and call('SISMEMBER', key('keyed'), lane) == 1
end

local weights = {}
local function weightOf(f)
  local weight = weights[f]
  if not weight then
    weight = f ~= '' and tonumber(call('HGET', key('limits'), 'w:' .. f) or 1) or 1
    weights[f] = weight
  end
  return weight
end

local function figure(number)
  return string.format('%.3f', number)
end

-- nil: nothing is known.
local function servedBy(lane, f)
  local served = unmade('served:' .. lane, f)
  if served == nil then
    served = call('ZSCORE', key('served:' .. lane), f)
  end
  return tonumber(served or nil)
end

local recharged = {}
local function setServed(lane, f, served)
  write('zset', 'served:' .. lane, f, figure(served))
  local ofLane = recharged[lane] or {}
  recharged[lane] = ofLane
  ofLane[f] = figure(served)
end

-- What the least served of those has that have something to give out; nil: nobody has.
local function leastServed(lane)
  local least = call('ZRANGE', key('turns:' .. lane), 0, 0, 'WITHSCORES')
  return tonumber(least[2])
end

-- What a key begins with that has something to give out again.
local function servedOnReturn(lane, f)
  return math.max(servedBy(lane, f) or 0, leastServed(lane) or 0)
end

-- Nothing of it waits any more. One that was served no more than those that wait would begin there anyway.
local MAX_IDLE = 10000
local IDLE_S = 86400
local function beIdle(lane, f)
  local served, least = servedBy(lane, f), leastServed(lane)
  if not served then
    return
  end
  if least and served <= least then
    write('zset', 'served:' .. lane, f, false)
    return
  end
  local idle = key('idle:' .. lane)
  call('ZADD', idle, figure(served), f)
  local excess = call('ZCARD', idle) - MAX_IDLE
  if excess > 0 then
    for _, one in ipairs(call('ZRANGE', idle, 0, excess - 1)) do
      call('ZREM', idle, one)
      write('zset', 'served:' .. lane, one, false)
    end
  end
  expiring['idle:' .. lane], expiring['served:' .. lane] = IDLE_S, IDLE_S
end

-- Those whose accounts have changed are where they were: in turn, or idle.
local function writeAccounts()
  for lane, ofLane in pairs(recharged) do
    for f, served in pairs(ofLane) do
      call('ZADD', key('turns:' .. lane), 'XX', served, f)
      call('ZADD', key('idle:' .. lane), 'XX', served, f)
    end
  end
  recharged = {}
end

local REMEMBERED_MS = 100 * 3600000
local function chargeBand(use, ms)
  local band = use.H and 'human' or 'rest'
  order[band] = math.max(0, order[band] + ms)
  if order.human + order.rest >= REMEMBERED_MS then
    order.human, order.rest = order.human / 2, order.rest / 2
  end
  write('hash', 'order', 'human', figure(order.human))
  write('hash', 'order', 'rest', figure(order.rest))
end

-- Whether something of a key waits, as far as it is written.
local function waitsOf(lane, f)
  local known, name = answersNow(), 'parts:' .. lane .. '|' .. f
  if known[name] == nil then
    known[name] = call('EXISTS', key(name)) == 1
  end
  return known[name]
end

-- A task was given out that is expected to take a slot for so long.
local function chargeFor(use)
  if use.l ~= '-' then
    local lane, f = use.l, use.part.f
    local served = servedBy(lane, f)
    -- How keys did is forgotten when nothing waits in a lane.
    if served or isKeyed(lane) then
      setServed(lane, f, (served or servedOnReturn(lane, f)) + use.ms / weightOf(f))
      if not waitsOf(lane, f) then
        beIdle(lane, f)
      end
    end
  end
  if use.c then
    chargeBand(use, use.ms)
  end
end

-- It is over, and took a slot for so long.
local function correct(use, ms)
  local served = use.l ~= '-' and servedBy(use.l, use.part.f)
  if served then
    setServed(use.l, use.part.f, math.max(0, served + (ms - use.ms) / weightOf(use.part.f)))
  end
  if use.c then
    chargeBand(use, ms - use.ms)
  end
end
