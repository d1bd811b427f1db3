-- What a step has changed, for those who keep a picture and for those who count.
-- What others have to read again: a lane `l:`, its description `d:`, the counts of an instance `s:`,
-- what it is `p:`, an agent `a:`, the holds `h`.
local marks = { ['l:'] = {}, ['d:'] = {}, ['s:'] = {}, ['p:'] = {}, ['a:'] = {}, h = {} }
local function mark(what, name)
  marks[what][name] = true
end

-- What `since` is the version of still holds, but for the counts of instances: who asks knows what it
-- has told of them, and credit is looked at anyway.
local function isUnchanged(since)
  for what, names in pairs(marks) do
    if what ~= 's:' and next(names) then
      return false
    end
  end
  return since == tonumber(call('GET', key('version')) or 0)
end

-- By tier and what happened.
local moves = {}
local function moved(tier, move)
  local ofTier = moves[tier]
  if not ofTier then
    ofTier = {}
    moves[tier] = ofTier
  end
  ofTier[move] = (ofTier[move] or 0) + 1
end

local MAX_CHANGES = 50000
local METER_MS = 5000

local function tellChanges()
  local meter = key('meter:' .. text(math.floor(now / METER_MS)))
  for tier, ofTier in pairs(moves) do
    for move, count in pairs(ofTier) do
      call('HINCRBY', meter, tier .. ':' .. move, count)
      call('HINCRBY', key('totals'), tier .. ':' .. move, count)
    end
    call('HSETNX', key('metered'), tier, text(now))
    call('EXPIRE', meter, 120)
  end
  local version
  for what, names in pairs(marks) do
    for name in pairs(names) do
      version = version or call('INCR', key('version'))
      write('zset', 'changes', what .. name, version)
    end
  end
  if version then
    make('changes')
    local changes = key('changes')
    local excess = call('ZCARD', changes) - MAX_CHANGES
    if excess > 0 then
      local last = call('ZRANGE', changes, excess, excess, 'WITHSCORES')
      call('SET', key('forgotten'), last[2])
      call('ZREMRANGEBYSCORE', changes, '-inf', last[2])
    end
  end
end
