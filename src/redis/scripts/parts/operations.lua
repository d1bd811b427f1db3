-- The operations of a step, by name; each checks everything before it writes, and may be repeated.
-- Those that name a task come in rows: `rowOperations`.
local operations, rowOperations = {}, {}

function rowOperations.add(id, lane, score, seq, tier, kind, cause, prefer)
  addTask(id, entryToChange(id), { l = lane, c = score, s = seq, t = tier, k = kind, f = prefer }, cause)
end

function rowOperations.remove(id, seq)
  local entry = entryToChange(id)
  if not isOld(entry, seq) then
    leave(id, entry)
    undelay(id, entry)
  end
end

function operations.delay(op)
  local entry = entryToChange(op.id)
  if isOld(entry, op.s) then
    return
  end
  leave(op.id, entry)
  undelay(op.id, entry)
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
    local entry = entryToChange(one[1])
    one[2] = entry.d and entry.d.s or 0
    write('zset', 'delayed:' .. one[3], one[1], false)
    entry.d = nil
  end
  return taken
end

function operations.put(op)
  local sid = op.sid
  call('HSET', key('instances'), sid, op.what)
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

function operations.grant(op)
  local instance = instanceOf(op.sid)
  if instance and op.total > instance.granted then
    instance = instanceToChange(op.sid)
    instance.granted, instance.request, instance.withdrawn = op.total, op.request, 0
  end
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

function rowOperations.confirm(id, reservation, sid, epoch, seq)
  confirm(id, entryToChange(id), reservation, sid, epoch, seq)
end

function rowOperations.release(id, reservation, requeue)
  local entry = entryToChange(id)
  if entry.r and entry.r.id == reservation then
    giveBack(id, entry, requeue)
  end
end

-- Told to all coordinators by the journal; only of tasks whose kind is known.
function operations.attempts(op)
  local told = {}
  for _, attempt in ipairs(op.ends) do
    local held = entryOf(attempt[1]).h
    if held and held.k then
      told[#told + 1] = { attempt[1], held.k, held.a, attempt[2], held.began, op.at or now }
    end
  end
  if #told > 0 then
    call('RPUSH', key('journal'), cjson.encode({ attempts = told }))
    call('INCR', key('journal:end'))
  end
end

function operations.probe(op)
  call('RPUSH', key('journal'), cjson.encode({ probe = { op.kind, op.agent, now }, by = ask.me }))
  call('INCR', key('journal:end'))
end

function rowOperations.free(id, epoch, sid)
  free(id, entryToChange(id), epoch, sid)
end

function rowOperations.hint(id, epoch, due, isLoaded)
  local known = numberOf('hints', id)
  if known < epoch or (known == epoch and not isLoaded) then
    setDue('hints', id, epoch, due)
  end
end

function rowOperations.dropHint(id, epoch)
  if numberOf('hints', id) <= epoch then
    dropDue('hints', id)
  end
end

function rowOperations.watch(id, seq, due)
  if numberOf('deadlines', id) <= seq then
    setDue('deadlines', id, seq, due)
  end
end

function rowOperations.unwatch(id, seq)
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

-- Takes what was planned, as far as it still holds: {task, lane, taker} each, with `lanes` {lane ('': it is
-- new), kind, tier} and `takers` {session, its holder, agent} by place in the list, from 1. An answer
-- a task: {reservation, request, the session's holder is who asks}, or false. With `current`, an answer
-- of false means that the plan was made on what is no longer so.
local woken = {}
function operations.reserve(op)
  if op.current and not isUnchanged(ask.since) then
    return false
  end
  local answers = {}
  local current = call('GET', key('holds:version')) or '0'
  for i, plan in ipairs(op.plans) do
    local id, lane, taker = plan[1], op.lanes[plan[2]], op.takers[plan[3]]
    local sid, holder, agent = taker[1], taker[2], taker[3]
    local entry = entryOf(id)
    local isThere
    if lane[1] == '' then
      isThere = not next(entry)
    else
      isThere = entry.q and entry.q.l == lane[1] and not entry.r and not entry.h
    end
    answers[i] = false
    if isThere and current == op.holds and hasCredit(sid) then
      entry = entryToChange(id)
      local from = entry.q
      quitLane(id, entry)
      local rid = reserve(id, entry, sid, agent, lane[2], lane[3], from)
      local request = instanceOf(sid).request
      answers[i] = { rid, request, holder == ask.me }
      if holder ~= ask.me then
        local message = cjson.encode({ rid = rid, id = id, sid = sid, agent = agent, request = request })
        call('RPUSH', key('inbox:' .. holder), message)
        woken[holder] = true
      end
    end
  end
  return answers
end

-- Answers of those of `asks`; `ops` are told.
local function carryOut(op)
  local work = rowOperations[op.op]
  if not work then
    return operations[op.op](op)
  end
  for _, row in ipairs(op.rows) do
    work(unpack(row))
  end
end
