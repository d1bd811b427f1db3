-- Connected processes of agents: what they are in `instances`, their counts in `counts`, as text. Each is
-- read once, most of them all at once, and written back once.
local instances = {}

local function instanceBy(sid, kept)
  local instance = false
  if kept then
    local granted, assigned, inFlight, reserved, lastChosen, withdrawn, request =
      match(kept, '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (.*)$')
    instance = {
      granted = tonumber(granted), assigned = tonumber(assigned), inFlight = tonumber(inFlight),
      reserved = tonumber(reserved), lastChosen = tonumber(lastChosen), withdrawn = tonumber(withdrawn),
      request = request,
    }
  end
  instances[sid] = instance
  return instance
end

-- The counts of an instance; nil: it is not there, or not any more.
local function instanceOf(sid)
  local instance = instances[sid]
  if instance == nil then
    instance = instanceBy(sid, call('HGET', key('counts'), sid))
  end
  return instance or nil
end

local function readInstancesAhead(sids)
  local unknown, n = {}, 0
  for i = 1, #sids do
    local sid = sids[i]
    if instances[sid] == nil then
      instances[sid] = false
      n = n + 1
      unknown[n] = sid
    end
  end
  readAhead('counts', unknown, instanceBy)
end

local changing = {}

local function instanceToChange(sid)
  local instance = changing[sid] or instanceOf(sid)
  if instance and not changing[sid] then
    changing[sid] = instance
    mark('s:', sid)
  end
  return instance
end

-- Those that are gone count no more.
local function count(sid, field, by)
  local instance = changing[sid] or instanceToChange(sid)
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
  call('HDEL', key('slots'), sid)
  write('hash', 'counts', sid, false)
  call('SREM', key('of:' .. holder), sid)
  instances[sid], changing[sid] = false, nil
  mark('p:', sid)
end

local function writeInstances()
  for sid, instance in pairs(changing) do
    write('hash', 'counts', sid, table.concat({
      text(instance.granted), text(instance.assigned), text(instance.inFlight), text(instance.reserved),
      text(instance.lastChosen), instance.withdrawn, instance.request,
    }, ' '))
  end
end
