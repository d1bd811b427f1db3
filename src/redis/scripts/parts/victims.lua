-- What is sent back for people's tasks. `victims`: tasks that may be, by when they began. `sentBack`: those that were
-- chosen, by id: epoch, until when that counts, and the task it is for ('': it was refused).
local operations = {}

-- Those that have their slot still, and count: {task, epoch, whom it is for, until}. The others are forgotten.
local function sentBackNow()
  local there = {}
  local flat = call('HGETALL', key('sentBack'))
  for i = 1, #flat, 2 do
    local id = flat[i]
    local epoch, over, whom = match(flat[i + 1], '^(%d+) (%d+) (.*)$')
    local held = entryOf(id).h
    if held and held.e == tonumber(epoch) and (whom ~= '' or tonumber(over) > now) then
      there[#there + 1] = { id, held.e, whom, tonumber(over) }
    else
      call('HDEL', key('sentBack'), id)
    end
  end
  return there
end

-- The youngest that may be sent back, each {task, epoch, session, when it began, kind}, and what was chosen.
function operations.victims(op)
  settle()
  local found = {}
  for _, id in ipairs(call('ZRANGE', key('victims'), 0, op.max - 1, 'REV')) do
    local held = entryOf(id).h
    if isVictim(held) then
      found[#found + 1] = { id, held.e, held.with.sid, held.with.began, held.with.k }
    else
      write('zset', 'victims', id, false)
    end
  end
  return { found, sentBackNow() }
end

-- It keeps its slot on the share of the rest, which is charged for it. `ms`: what it is expected to take.
local function putOnShare(id, epoch, ms)
  local entry = entryOf(id)
  local held = entry.h
  if not (isVictim(held) and held.e == epoch) then
    return
  end
  local with, known = held.with, held.with.u
  local use = text(ms) .. ' Ocs - '
  if known then
    local its, flags, others = match(known.text, '^(%S+) (%S+) (.*)$')
    use = its .. ' ' .. flags .. (known.c and '' or 'c') .. 's ' .. others
  end
  entry.h = { e = held.e, s = held.s, with = giving(with.sid, text(with.began), with.t, with.k, with.a, use) }
  if not (known and known.c) then
    chargeBand(entry.h.with.u, entry.h.with.u.ms)
  end
end

-- Notes whom tasks are sent back for, and what was refused; of new ones only if they have their slot still, were not
-- chosen by another coordinator, and what they are for waits, and for no other yet. Answers with the places of those
-- that were noted, from 1. `marks`: {task, epoch, whom it is for, until, 1: it is new}. `onShare`: {task, epoch, ms}.
function operations.sendBack(op)
  local chosen, covered, noted = {}, {}, {}
  for _, one in ipairs(sentBackNow()) do
    chosen[one[1]], covered[one[3]] = true, true
  end
  for i, mark in ipairs(op.marks) do
    local id, whom = mark[1], mark[3]
    local held = entryOf(id).h
    local isThere = held and held.e == mark[2]
    if isThere and mark[5] == 1 then
      isThere = isVictim(held) and not chosen[id] and not covered[whom] and entryOf(whom).q
    end
    if isThere then
      call('HSET', key('sentBack'), id, text(mark[2]) .. ' ' .. text(mark[4]) .. ' ' .. whom)
      chosen[id], covered[whom] = true, whom ~= ''
      noted[#noted + 1] = i
    end
  end
  for _, one in ipairs(op.onShare) do
    putOnShare(one[1], one[2], one[3])
  end
  return noted
end

return operations
