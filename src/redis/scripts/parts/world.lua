-- What every step goes by: the time, the keys of the organisation, and what has changed.
local base = KEYS[1]
local ask = cjson.decode(ARGV[1])
local call = redis.call

local now = ask.now
if not now then
  local time = call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local function key(name)
  return base .. name
end

-- Names the life of what is here.
call('SET', key('generation'), ask.fresh, 'NX')
local generation = call('GET', key('generation'))

-- Whole numbers of ms do not fit what Lua writes by itself.
local function text(number)
  return string.format('%.0f', number)
end

-- What others have to read again: a lane `l:`, its description `d:`, the counts of an instance `s:`,
-- what it is `p:`, an agent `a:`, the holds `h`.
local marks = {}
local function mark(member)
  marks[member] = true
end

local moves = {}
local function moved(tier, move)
  local field = tier .. ':' .. move
  moves[field] = (moves[field] or 0) + 1
end

local MAX_CHANGES = 50000
local METER_MS = 5000

local function writeBack()
  local meter = key('meter:' .. text(math.floor(now / METER_MS)))
  local any = false
  for field, count in pairs(moves) do
    any = true
    call('HINCRBY', meter, field, count)
    call('HINCRBY', key('totals'), field, count)
    call('HSETNX', key('metered'), string.match(field, '^[^:]+'), text(now))
  end
  if any then
    call('EXPIRE', meter, 120)
  end
  if next(marks) then
    local version = call('INCR', key('version'))
    local changes = key('changes')
    local args, n = {}, 0
    for member in pairs(marks) do
      args[n + 1], args[n + 2] = version, member
      n = n + 2
      if n >= 2000 then
        call('ZADD', changes, unpack(args))
        args, n = {}, 0
      end
    end
    if n > 0 then
      call('ZADD', changes, unpack(args))
    end
    local excess = call('ZCARD', changes) - MAX_CHANGES
    if excess > 0 then
      local last = call('ZRANGE', changes, excess, excess, 'WITHSCORES')
      call('SET', key('forgotten'), last[2])
      call('ZREMRANGEBYSCORE', changes, '-inf', last[2])
    end
  end
end
