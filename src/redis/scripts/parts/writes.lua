-- Changes of members of sets and fields of hashes are collected, and made by one command a key: calls
-- cost more than what they do. Of several changes of one member the last counts.
local MAX_ARGUMENTS = 4000
local COMMANDS = { zset = { 'ZADD', 'ZREM' }, set = { 'SADD', 'SREM' }, hash = { 'HSET', 'HDEL' } }
local collected = {}

-- `value`: score of a zset, value of a hash, true of a set; false: it goes.
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

local function callWith(command, name, arguments, n)
  for first = 1, n, MAX_ARGUMENTS do
    call(command, name, unpack(arguments, first, math.min(n, first + MAX_ARGUMENTS - 1)))
  end
end

-- Makes what was collected for a key, which is to be read.
local function make(name)
  local of = collected[name]
  if not of then
    return
  end
  collected[name] = nil
  local kind, puts, goes, p, g = of.kind, {}, {}, 0, 0
  for member, value in pairs(of.members) do
    if value == false then
      g = g + 1
      goes[g] = member
    elseif kind == 'set' then
      p = p + 1
      puts[p] = member
    elseif kind == 'zset' then
      puts[p + 1], puts[p + 2] = value, member
      p = p + 2
    else
      puts[p + 1], puts[p + 2] = member, value
      p = p + 2
    end
  end
  local commands = COMMANDS[kind]
  callWith(commands[1], key(name), puts, p)
  callWith(commands[2], key(name), goes, g)
end

local function makeAll()
  for name in pairs(collected) do
    make(name)
  end
end

-- Fields of a hash, by name; false: there is none.
local function readAhead(name, fields, into)
  for first = 1, #fields, MAX_ARGUMENTS do
    local last = math.min(#fields, first + MAX_ARGUMENTS - 1)
    local found = call('HMGET', key(name), unpack(fields, first, last))
    for i = first, last do
      into[fields[i]] = found[i - first + 1]
    end
  end
end
