-- Connected processes of agents: what they are in `instances`, their counts in `instance:<session>`,
-- each read once and written back once.
local COUNTS = { 'granted', 'assigned', 'inFlight', 'reserved', 'lastChosen', 'withdrawn', 'request' }
local instances = {}

local function countsOf(sid)
  return key('instance:' .. sid)
end

-- The counts of an instance; nil: it is not there, or not any more.
local function instanceOf(sid)
  local instance = instances[sid]
  if instance == nil then
    local found = call('HMGET', countsOf(sid), unpack(COUNTS))
    instance = false
    if found[1] then
      instance = { request = found[7] }
      for i = 1, 6 do
        instance[COUNTS[i]] = tonumber(found[i])
      end
    end
    instances[sid] = instance
  end
  return instance or nil
end

local function instanceToChange(sid)
  local instance = instanceOf(sid)
  if instance and not instance.isChanged then
    instance.isChanged = true
    mark('s:', sid)
  end
  return instance
end

-- Those that are gone count no more.
local function count(sid, field, by)
  local instance = instanceToChange(sid)
  if instance then
    instance[field] = instance[field] + by
  end
end

local function charge(sid, by)
  count(sid, 'assigned', by)
  count(sid, 'inFlight', by)
end

local function hasCredit(sid)
  local instance = instanceOf(sid)
  return instance and instance.granted > instance.assigned
end

local function forget(sid, holder)
  call('HDEL', key('instances'), sid)
  call('DEL', countsOf(sid))
  call('SREM', key('of:' .. holder), sid)
  instances[sid] = false
  mark('p:', sid)
end

local function writeInstances()
  for sid, instance in pairs(instances) do
    if instance and instance.isChanged then
      call(
        'HSET', countsOf(sid), 'granted', instance.granted, 'assigned', instance.assigned, 'inFlight',
        instance.inFlight, 'reserved', instance.reserved, 'lastChosen', instance.lastChosen, 'withdrawn',
        instance.withdrawn, 'request', instance.request
      )
    end
  end
end
