-- The usual operations of a step, by name; each checks everything before it writes, and may be repeated.
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
  addTask(entryOf(id), { lane = lane, c = score, s = seq, f = prefer ~= '' and prefer or nil }, with[4])
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

-- `of`: {session, life of the index}.
function rowOperations.confirm(of, id, at, number, epoch, seq)
  local with = of[at]
  confirm(entryOf(id), with[2] == generation and number or nil, with[1], epoch, seq)
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
  if not with or not with.k then
    return
  end
  local ending = of[number]
  local alike = endedAt[ending] or {}
  endedAt[ending] = alike
  local at = alike[with]
  if not at then
    at = text(#endedOf + 1)
    alike[with] = at
    endedOf[#endedOf + 1] = { with.k, with.a, ending[1], with.began, tonumber(ending[2]) or now }
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

-- Takes what was planned, as far as it still holds: `plans`, three cells a task: its id and places in `lanes`
-- {lane ('': it is new), kind, tier} and `takers` {session, its holder, agent}, from 1. Reservations have the
-- numbers after `after`, in the order of the plans, but for those that are `refused`; `requests` by taker. What
-- `how` has of a task goes to the holder of its taker. With
-- `current`, an answer of false means that the plan was made on what is no longer so.
local woken = {}
function operations.reserve(op)
  if op.current and not isUnchanged(ask.since) then
    return false
  end
  readChoices()
  local answer = { after = choice, refused = {}, requests = {} }
  local current = call('GET', key('holds:version')) or '0'
  local plans, began, withs = op.plans, text(now), {}
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
      quitLane(entry)
      local ofLane = withs[lane] or {}
      withs[lane] = ofLane
      local with = ofLane[taker]
      if not with then
        with = givingOf(sid .. ' ' .. began .. ' ' .. lane[3] .. ' ' .. lane[2] .. ' ' .. taker[3])
        ofLane[taker] = with
      end
      reserve(entry, with, place and textOfPlace(place) or '')
      if holder ~= ask.me then
        local request = instanceOf(sid).request
        local message = { rid = nameOf(entry.r), id = id, sid = sid, agent = taker[3], request = request }
        message.how = op.how and op.how[(i + 2) / 3] or nil
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
