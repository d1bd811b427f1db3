-- The operations of a step, by name; each checks everything before it writes, and may be repeated.
-- Those that name a task come in rows: `rowOperations` take what the rows have in common (`of`), and the cells of one.
local operations, rowOperations = {}, {}

-- `of`: {lane, tier, kind, cause}.
function rowOperations.add(of, id, at, score, seq, prefer)
  local with = of[at]
  local lane = with.lane
  if not lane then
    lane = laneOf(with[1] .. ' ' .. with[2] .. ' ' .. with[3])
    with.lane = lane
  end
  addTask(entryToChange(id), { lane = lane, c = score, s = seq, f = prefer ~= '' and prefer or nil }, with[4])
end

function rowOperations.remove(_, id, seq)
  local entry = entryToChange(id)
  if not isOld(entry, seq) then
    leave(entry)
    undelay(entry)
  end
end

function operations.delay(op)
  local entry = entryToChange(op.id)
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

function rowOperations.grant(_, sid, total, request)
  local instance = instanceOf(sid)
  if instance and total > instance.granted then
    instance = instanceToChange(sid)
    instance.granted, instance.request, instance.withdrawn = total, request, 0
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

-- `of`: {session, life of the index}.
function rowOperations.confirm(of, id, at, number, epoch, seq)
  local with = of[at]
  confirm(entryToChange(id), with[2] == generation and number or nil, with[1], epoch, seq)
end

function rowOperations.release(_, id, reservation, requeue)
  local entry = entryToChange(id)
  if entry.r and nameOf(entry.r) == reservation then
    giveBack(entry, requeue)
  end
end

-- Attempts that ended in this step, in order: the task, and its place in what some have in common.
local ended, endedOf, endedAt = {}, {}, { SUCCEEDED = {}, FAILED = {} }

-- Told to all coordinators by the journal; only of tasks whose kind is known.
function rowOperations.attempts(_, id, outcome)
  local held = entryOf(id).h
  local with = held and held.with
  if not with or not with.k then
    return
  end
  local at = endedAt[outcome][with]
  if not at then
    at = text(#endedOf + 1)
    endedAt[outcome][with] = at
    endedOf[#endedOf + 1] = { with.k, with.a, outcome, with.began, now }
  end
  local n = #ended
  ended[n + 1], ended[n + 2] = id, at
end

local function tellAttempts()
  if #ended == 0 then
    return
  end
  call('RPUSH', key('journal'), cjson.encode({ attempts = table.concat(ended, ' '), of = endedOf }))
  call('INCR', key('journal:end'))
  ended, endedOf, endedAt = {}, {}, { SUCCEEDED = {}, FAILED = {} }
end

function operations.probe(op)
  tellAttempts()
  call('RPUSH', key('journal'), cjson.encode({ probe = { op.kind, op.agent, now }, by = ask.me }))
  call('INCR', key('journal:end'))
end

function rowOperations.free(_, id, epoch, sid)
  free(entryToChange(id), epoch, sid)
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

-- Takes what was planned, as far as it still holds: `plans`, three cells a task: its id and places in `lanes`
-- {lane ('': it is new), kind, tier} and `takers` {session, its holder, agent}, from 1. Reservations have the
-- numbers after `after`, in the order of the plans, but for those that are `refused`; `requests` by taker. With
-- `current`, an answer of false means that the plan was made on what is no longer so.
local woken = {}
function operations.reserve(op)
  if op.current and not isUnchanged(ask.since) then
    return false
  end
  readChoices()
  local answer = { after = choice, refused = {}, requests = {} }
  local current = call('GET', key('holds:version')) or '0'
  local plans, began = op.plans, text(now)
  for i = 1, #plans, 3 do
    local id, lane, taker = plans[i], op.lanes[plans[i + 1]], op.takers[plans[i + 2]]
    local sid, holder = taker[1], taker[2]
    local entry = entryOf(id)
    local place, isThere = entry.q, nil
    if lane[1] == '' then
      isThere = isNowhere(entry)
    else
      isThere = place and place.lane.l == lane[1] and not entry.r and not entry.h
    end
    if isThere and current == op.holds and hasCredit(sid) then
      entryToChange(id)
      quitLane(entry)
      local with = givingOf(sid .. ' ' .. began .. ' ' .. lane[3] .. ' ' .. lane[2] .. ' ' .. taker[3])
      reserve(entry, with, place and textOfPlace(place) or '')
      if holder ~= ask.me then
        local request = instanceOf(sid).request
        local message = { rid = nameOf(entry.r), id = id, sid = sid, agent = taker[3], request = request }
        call('RPUSH', key('inbox:' .. holder), cjson.encode(message))
        woken[holder] = true
      end
    else
      answer.refused[#answer.refused + 1] = (i + 2) / 3
    end
  end
  for i, taker in ipairs(op.takers) do
    local instance = instanceOf(taker[1])
    answer.requests[i] = instance and instance.request or ''
  end
  return answer
end

-- Answers of those of `asks`; `ops` are told.
local function carryOut(op)
  local work = rowOperations[op.op]
  if not work then
    return operations[op.op](op)
  end
  local rows, of = op.rows, op.of
  for i = 1, #rows, WIDTHS[op.op] do
    work(of, rows[i], rows[i + 1], rows[i + 2], rows[i + 3], rows[i + 4])
  end
end
