-- The usual operations of a step, by name; each checks everything before it writes, and may be repeated.
-- Those that name a task come in rows: `rowOperations` take what the rows have in common (`of`), and the cells of one.
local operations, rowOperations = {}, {}

-- `of`: {lane, tier, kind, cause}.
function rowOperations.add(of, id, at, score, seq, facts)
  local with = of[at]
  local lane = with.lane
  if not lane then
    lane = laneOf(with[1] .. ' ' .. with[2] .. ' ' .. with[3])
    with.lane = lane
  end
  addTask(entryOf(id), { lane = lane, c = score, s = seq, f = facts ~= '' and facts or nil }, with[4])
end

function rowOperations.remove(_, id, seq)
  local entry = entryOf(id)
  if not isOld(entry, seq) then
    leave(entry)
    undelay(entry)
  end
end

function rowOperations.grant(_, sid, total, request)
  local instance = instanceOf(sid)
  if instance and total > instance.granted then
    instance = instanceToChange(sid)
    instance.granted, instance.request, instance.withdrawn = total, request, 0
  end
end

-- `of`: {session, life of the index, what it was given for ('': for nothing that counts)}.
function rowOperations.confirm(of, id, at, number, epoch, seq)
  local with = of[at]
  local lost = with[3] ~= '' and with[3] or nil
  confirm(entryOf(id), with[2] == generation and number or nil, with[1], epoch, seq, lost)
end

function rowOperations.release(_, id, reservation, requeue)
  local entry = entryOf(id)
  if entry.r and nameOf(entry.r) == reservation then
    giveBack(entry, requeue)
  end
end

-- Attempts that ended in this step, in order: the task, and its place in what some have in common.
local ended, endedOf, endedAt = {}, {}, {}

-- Told to all coordinators by the journal; only of tasks whose kind is known.
-- `of`: {outcome, when they ended ('': now)}.
function rowOperations.attempts(of, id, number)
  local held = entryOf(id).h
  local with = held and held.with
  if not with or not with.k or with.began == 0 then
    return
  end
  local ending = of[number]
  local alike = endedAt[ending] or {}
  endedAt[ending] = alike
  local at = alike[with]
  if not at then
    at = text(#endedOf + 1)
    alike[with] = at
    endedOf[#endedOf + 1] = { with.k, with.a, ending[1], with.began, tonumber(ending[2]) or now, with.affinity }
  end
  local n = #ended
  ended[n + 1], ended[n + 2] = id, at
end

function tellAttempts()
  if #ended == 0 then
    return
  end
  call('RPUSH', key('journal'), cjson.encode({ attempts = table.concat(ended, ' '), of = endedOf }))
  call('INCR', key('journal:end'))
  ended, endedOf, endedAt = {}, {}, {}
end

function rowOperations.free(_, id, epoch, sid)
  free(entryOf(id), epoch, sid)
end

-- Those of which most steps have none are made when they are needed.
local others, otherRows
local function otherOperations()
  if not others then
    others, otherRows = makeOtherOperations()
  end
  return others, otherRows
end

function operations.reserve(op)
  return makeReserve()(op)
end

function operations.victims(op)
  return makeVictimOperations().victims(op)
end

function operations.sendBack(op)
  return makeVictimOperations().sendBack(op)
end

-- Answers of those of `asks`; `ops` are told.
local function carryOut(op)
  local name, rows = op.op, op.rows
  if not rows then
    return (operations[name] or otherOperations()[name])(op)
  end
  local work, of, width = rowOperations[name], op.of, op.width
  if not work then
    local _, others = otherOperations()
    work = others[name]
  end
  for i = 1, #rows, width do
    work(of, rows[i], rows[i + 1], rows[i + 2], rows[i + 3], rows[i + 4])
  end
end
