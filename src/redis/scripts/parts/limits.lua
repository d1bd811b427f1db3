-- What an organisation lets run at once, as a coordinator has told it (`limits`: what it has for itself, its limits
-- by key as `k:`, the most, starts, and the period of these, '' each for none; weights as `w:`), and how much of
-- that is taken: sets of tasks by what they take, `use:`, never counters. `order` has what each step needs of it.
local function orderNow()
  local kept = call('HMGET', key('order'), 'version', 'most', 'busy', 'slots', 'limited', 'ready', 'human', 'rest')
  return {
    version = tonumber(kept[1] or 0), most = tonumber(kept[2] or ''), busy = tonumber(kept[3] or ''),
    slots = tonumber(kept[4] or 0), limited = kept[5] == '1', ready = kept[6] == '1',
    human = tonumber(kept[7] or 0), rest = tonumber(kept[8] or 0),
  }
end

local order = orderNow()

-- It is not known what runs, and nothing that a limit holds for goes.
local function isUnready()
  return order.limited and not order.ready
end

local ENDS = 'ends'
local limitsRead, lengths = {}, nil

-- {most, starts, period}; false: none. Of several beginnings with a limit the longest counts.
local function limitOf(name)
  local known = limitsRead[name]
  if known ~= nil then
    return known
  end
  if not lengths then
    lengths = {}
    for length in string.gmatch(call('HGET', key('limits'), ENDS) or '', '%d+') do
      lengths[#lengths + 1] = tonumber(length)
    end
  end
  local fields = { 'k:' .. name }
  for _, length in ipairs(lengths) do
    if length <= #name then
      fields[#fields + 1] = 'k:' .. sub(name, 1, length) .. '*'
    end
  end
  known = false
  for _, kept in ipairs(order.limited and call('HMGET', key('limits'), unpack(fields)) or {}) do
    if kept then
      local most, starts, period = match(kept, '^(%d*) (%d*) (%d*)$')
      known = { most = tonumber(most), starts = tonumber(starts), period = tonumber(period) }
      break
    end
  end
  limitsRead[name] = known
  return known
end

-- Tasks that were given out under a limit within its period; those that are older count no more.
local function startsOf(name, limit)
  make('starts:' .. name)
  local starts = key('starts:' .. name)
  call('ZREMRANGEBYSCORE', starts, '-inf', text(now - limit.period))
  return call('ZCARD', starts)
end

-- What is asked of sets that nothing has been written to since: `pushed` is another table after each time.
local answers, answersOf = {}, nil
local function answersNow()
  if answersOf ~= pushed then
    answers, answersOf = {}, pushed
  end
  return answers
end

-- How many more tasks of a key may go now, as far as it is written; nil: any number.
local function roomOf(name)
  local limit = limitOf(name)
  if not limit then
    return
  end
  local known = answersNow()
  local room = known[name]
  if not room then
    room = limit.most and limit.most - call('SCARD', key('use:k:' .. name)) or math.huge
    if limit.starts then
      room = min(room, limit.starts - startsOf(name, limit))
    end
    known[name] = room
  end
  return room < math.huge and room or nil
end

-- When the rate of a key lets one more task go; nil: now, or it has none.
local function nextStart(name)
  local limit = limitOf(name)
  if limit and limit.starts then
    local over = startsOf(name, limit) - limit.starts
    if over >= 0 then
      local last = call('ZRANGE', key('starts:' .. name), over, over, 'WITHSCORES')
      return tonumber(last[2]) + limit.period
    end
  end
end

local function noteStart(name, member)
  local limit = limitOf(name)
  if limit and limit.starts then
    write('zset', 'starts:' .. name, member, text(now))
    expiring['starts:' .. name] = math.ceil(limit.period / 1000) + 1
  end
end

-- How many more tasks may go in all, and of the rest; nil: any number.
local function roomOfAll()
  if isUnready() and (order.most or order.busy or order.slots > 0) then
    return 0, 0
  end
  local all, rest
  if order.most then
    all = order.most - call('ZCARD', key('reserved')) - call('SCARD', key('held'))
  end
  if order.slots > 0 then
    rest = -order.slots - call('SCARD', key('use:rest'))
    for _, slots in ipairs(call('HVALS', key('slots'))) do
      rest = rest + slots
    end
  end
  return all, rest
end
