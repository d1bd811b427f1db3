-- Connected processes of agents: what they are in `instances`, their counts in `counts`, as text. Each is
-- read once, most of them all at once, and written back once.
local instances, countsAhead = {}, {}

-- The counts of an instance; nil: it is not there, or not any more.
local function instanceOf(sid)
  local instance = instances[sid]
  if instance == nil then
    local kept = countsAhead[sid]
    if kept == nil then
      kept = call('HGET', key('counts'), sid)
    end
    instance = false
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
  end
  return instance or nil
end

local function readInstancesAhead(sids)
  local unknown = {}
  for i = 1, #sids do
    local sid = sids[i]
    if instances[sid] == nil and countsAhead[sid] == nil then
      countsAhead[sid] = false
      unknown[#unknown + 1] = sid
    end
  end
  readAhead('counts', unknown, countsAhead)
end

-- Those that the operations of this step have to do with; their tasks were read before.
local function readInstancesOfStep()
  local sids = {}
  local function want(sid)
    sids[#sids + 1] = sid
  end
  for _, op in ipairs(ask.ops) do
    if op.op == 'put' then
      want(op.sid)
    elseif op.op == 'grant' then
      for i = 1, #op.rows, WIDTHS.grant do
        want(op.rows[i])
      end
    elseif op.op == 'confirm' then
      for _, with in ipairs(op.of) do
        want(with[1])
      end
    elseif op.op == 'free' or op.op == 'release' then
      for i = 1, #op.rows, WIDTHS[op.op] do
        local entry = entryOf(op.rows[i])
        local place = entry.h or entry.r
        if place then
          want(place.with.sid)
        end
      end
    end
  end
  for _, op in ipairs(ask.asks) do
    for _, taker in ipairs(op.takers or {}) do
      want(taker[1])
    end
  end
  readInstancesAhead(sids)
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
  write('hash', 'counts', sid, false)
  call('SREM', key('of:' .. holder), sid)
  instances[sid] = false
  mark('p:', sid)
end

local function writeInstances()
  for sid, instance in pairs(instances) do
    if instance and instance.isChanged then
      write('hash', 'counts', sid, table.concat({
        text(instance.granted), text(instance.assigned), text(instance.inFlight), text(instance.reserved),
        text(instance.lastChosen), instance.withdrawn, instance.request,
      }, ' '))
    end
  end
end
