-- Sets of things that are due at a time, each with a number that tells newer from older.
local numbersAhead = { hints = {}, deadlines = {} }

local function readNumbers(name, ids)
  local numbers = numbersAhead[name]
  readAhead(name .. ':of', ids, function(id, number)
    numbers[id] = number
  end)
end

-- Operations that look at the number of the task they name.
local dueOf = { hint = 'hints', dropHint = 'hints', watch = 'deadlines', unwatch = 'deadlines' }

do
  local ids = { hints = {}, deadlines = {} }
  for _, op in ipairs(ask.ops) do
    local name = dueOf[op.op]
    local rows = name and op.rows or {}
    for i = 1, #rows, op.width or 1 do
      table.insert(ids[name], rows[i])
    end
  end
  for name, of in pairs(ids) do
    readNumbers(name, of)
  end
end

local function setDue(name, id, number, due)
  write('zset', name, id, text(due))
  write('hash', name .. ':of', id, number)
end

-- -1: it is not there.
local function numberOf(name, id)
  local number = unmade(name .. ':of', id)
  if number == nil then
    number = numbersAhead[name][id]
  end
  if number == nil then
    number = call('HGET', key(name .. ':of'), id)
  end
  return tonumber(number or -1)
end

local function dropDue(name, id)
  write('zset', name, id, false)
  write('hash', name .. ':of', id, false)
end

local function takeDue(name, max)
  make(name)
  local taken, ids = {}, {}
  local found = call('ZRANGEBYSCORE', key(name), '-inf', text(now), 'WITHSCORES', 'LIMIT', 0, max)
  for i = 1, #found, 2 do
    ids[#ids + 1] = found[i]
  end
  readNumbers(name, ids)
  for i, id in ipairs(ids) do
    taken[i] = { id, numberOf(name, id), tonumber(found[2 * i]) }
    dropDue(name, id)
  end
  return taken
end
