-- What every step goes by: the time, the keys of the organisation, and what has changed.
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
local generation = call('GET', key('generation'))
if not generation then
  generation = ask.fresh
  call('SET', key('generation'), generation)
  -- A small hash of short values is searched from end to end; one that had a long value never is.
  call('HSET', key('tasks'), '', string.rep(' ', 65))
end

-- Whole numbers of ms do not fit what Lua writes by itself. Many are the same.
local texts = {}
local function text(number)
  local known = texts[number]
  if not known then
    known = string.format('%.0f', number)
    texts[number] = known
  end
  return known
end
