-- Changes of members of sets and fields of hashes are collected, and made by one command a key: calls
-- cost more than what they do.
local MAX_ARGUMENTS = 4000
local min = math.min

local function callWith(command, name, arguments, n)
  for first = 1, n, MAX_ARGUMENTS do
    call(command, key(name), unpack(arguments, first, min(n, first + MAX_ARGUMENTS - 1)))
  end
end

-- Arguments of commands, by command and key. To be used for what changes once in a step.
local pushed = {}
local function push(command, name, first, second)
  local ofCommand = pushed[command]
  if not ofCommand then
    ofCommand = {}
    pushed[command] = ofCommand
  end
  local arguments = ofCommand[name]
  if not arguments then
    arguments = { n = 0 }
    ofCommand[name] = arguments
  end
  local n = arguments.n + 1
  arguments[n] = first
  if second then
    n = n + 1
    arguments[n] = second
  end
  arguments.n = n
end

-- What may change several times: of a member the last counts.
local COMMANDS = { zset = { 'ZADD', 'ZREM' }, hash = { 'HSET', 'HDEL' } }
local collected = {}

-- `value`: score of a zset, value of a hash; false: it goes.
local function write(kind, name, member, value)
  local of = collected[name]
  if not of then
    of = { kind = kind, members = {} }
    collected[name] = of
  end
  of.members[member] = value
end

-- What was written of a member and not made yet; nil: nothing.
local function unmade(name, member)
  local of = collected[name]
  return of and of.members[member]
end

-- Makes what was collected for a key, which is to be read.
local function make(name)
  local of = collected[name]
  if not of then
    return
  end
  collected[name] = nil
  local puts, goes, p, g = {}, {}, 0, 0
  for member, value in pairs(of.members) do
    if value == false then
      g = g + 1
      goes[g] = member
    elseif of.kind == 'zset' then
      puts[p + 1], puts[p + 2] = value, member
      p = p + 2
    else
      puts[p + 1], puts[p + 2] = member, value
      p = p + 2
    end
  end
  local commands = COMMANDS[of.kind]
  callWith(commands[1], name, puts, p)
  callWith(commands[2], name, goes, g)
end

-- Seconds, by key: what is of no use after that.
local expiring = {}

local function makeAll()
  for command, ofCommand in pairs(pushed) do
    for name, arguments in pairs(ofCommand) do
      callWith(command, name, arguments, arguments.n)
    end
  end
  pushed = {}
  for name in pairs(collected) do
    make(name)
  end
  for name, seconds in pairs(expiring) do
    call('EXPIRE', key(name), seconds)
  end
  expiring = {}
end

-- Hands out each of some fields of a hash with its value; false: there is none.
local function readAhead(name, fields, take)
  for first = 1, #fields, MAX_ARGUMENTS do
    local last = min(#fields, first + MAX_ARGUMENTS - 1)
    local found = call('HMGET', key(name), unpack(fields, first, last))
    for i = first, last do
      take(fields[i], found[i - first + 1])
    end
  end
end
