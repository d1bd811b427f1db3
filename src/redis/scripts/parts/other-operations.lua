-- Operations as in operations.lua, of which most steps have none.
local operations, rowOperations = {}, {}

function operations.delay(op)
  local entry = entryOf(op.id)
  if isOld(entry, op.s) then
    return
  end
  leave(entry)
  undelay(entry)
  entry.d = { s = op.s, t = op.t }
  write('zset', 'delayed:' .. op.t, op.id, text(op.due))
end

-- The earliest of all tiers; an answer is {task, seq, tier, due}.
function operations.takeDelayed(op)
  local taken = {}
  for _, tier in ipairs(op.tiers) do
    local name = 'delayed:' .. tier
    make(name)
    local found = call('ZRANGEBYSCORE', key(name), '-inf', text(now), 'WITHSCORES', 'LIMIT', 0, op.max)
    for i = 1, #found, 2 do
      taken[#taken + 1] = { found[i], 0, tier, tonumber(found[i + 1]) }
    end
  end
  table.sort(taken, function(a, b)
    return a[4] < b[4]
  end)
  for i = #taken, op.max + 1, -1 do
    taken[i] = nil
  end
  for _, one in ipairs(taken) do
    local entry = entryOf(one[1])
    one[2] = entry.d and entry.d.s or 0
    write('zset', 'delayed:' .. one[3], one[1], false)
    entry.d = nil
  end
  return taken
end

function operations.put(op)
  local sid = op.sid
  call('HSET', key('instances'), sid, op.what)
  call('HSET', key('slots'), sid, op.slots)
  call('SADD', key('of:' .. ask.me), sid)
  if not instanceOf(sid) then
    instances[sid] = {
      granted = op.granted, assigned = op.assigned, inFlight = 0, reserved = 0, lastChosen = 0,
      withdrawn = op.withdrawn, request = op.request,
    }
  end
  instanceToChange(sid)
  mark('p:', sid)
  for _, claim in ipairs(op.held) do
    holdFromBefore(sid, claim[1], claim[2])
  end
end

function operations.drop(op)
  forget(op.sid, ask.me)
end

-- Answers with the number of reservations that are neither confirmed nor released.
function operations.withdraw(op)
  local instance = instanceToChange(op.sid)
  if not instance then
    return 0
  end
  instance.granted, instance.withdrawn = instance.assigned, 1
  return instance.reserved
end

function operations.condition(op)
  call('HSET', key('conditions'), op.agent, op.what)
  mark('a:', op.agent)
end

function operations.report(op)
  call('HSET', key('reports'), op.agent, text(now + op.lasts) .. ' ' .. op.what)
  mark('a:', op.agent)
end

function operations.probe(op)
  tellAttempts()
  call('RPUSH', key('journal'), cjson.encode({ probe = { op.kind, op.agent, now }, by = ask.me }))
  call('INCR', key('journal:end'))
end

function rowOperations.hint(_, id, epoch, due, isLoaded)
  local known = numberOf('hints', id)
  if known < epoch or (known == epoch and not isLoaded) then
    setDue('hints', id, epoch, due)
  end
end

function rowOperations.dropHint(_, id, epoch)
  if numberOf('hints', id) <= epoch then
    dropDue('hints', id)
  end
end

function rowOperations.watch(_, id, seq, due)
  if numberOf('deadlines', id) <= seq then
    setDue('deadlines', id, seq, due)
  end
end

function rowOperations.unwatch(_, id, seq)
  if numberOf('deadlines', id) <= seq then
    dropDue('deadlines', id)
  end
end

function operations.takeDue(op)
  return takeDue(op.name, op.max)
end

function operations.hold(op)
  call('HSET', key('holds'), op.name, op.part)
  call('INCR', key('holds:version'))
  mark('h', '')
end

function operations.unhold(op)
  if call('HDEL', key('holds'), op.name) == 1 then
    call('INCR', key('holds:version'))
    mark('h', '')
  end
end

-- What is limited, and what fairness keys weigh, as `limits.lua` keeps it: the newest counts. Whoever
-- begins to limit something does not know what runs: of what was given out before not all was noted.
function operations.limits(op)
  if op.version <= order.version then
    return
  end
  local isKnown = order.limited and order.ready
  call('DEL', key('limits'))
  for first = 1, #op.fields, MAX_ARGUMENTS do
    call('HSET', key('limits'), unpack(op.fields, first, min(#op.fields, first + MAX_ARGUMENTS - 1)))
  end
  call('HSET', key('order'), 'version', text(op.version), 'most', op.most, 'busy', op.busy, 'slots', op.slots,
    'limited', op.limited and '1' or '0', 'ready', op.limited and isKnown and '1' or '0')
  make('order')
  order = orderNow()
  limitsRead, lengths, weights = {}, nil, {}
  -- Whatever waits for a limit may go by the new ones.
  call('SUNIONSTORE', key('unsettled'), key('unsettled'), key('parked'))
end

-- `of`: {tier, kind, agent, what it counts for}.
function rowOperations.running(of, id, at, epoch, seq)
  local with = of[at]
  holdFromRecord(entryOf(id), epoch, seq, with[1], with[2], with[3], with[4])
end

-- A task of a limit key was given to an agent at a time.
function rowOperations.started(_, name, member, time)
  if limitOf(name) and limitOf(name).starts then
    write('zset', 'starts:' .. name, member, text(time))
    expiring['starts:' .. name] = math.ceil(limitOf(name).period / 1000) + 1
  end
end

-- All that runs has been told, to an index of this life.
function operations.ready(op)
  if op.life == generation and isUnready() then
    order.ready = true
    call('HSET', key('order'), 'ready', '1')
    toWake['*'] = true
  end
end

return operations, rowOperations
