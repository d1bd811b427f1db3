-- Tasks on their way to an instance, and tasks that an instance has.
local RESERVATION_MS = 5000

local function dropHeld(id, entry)
  local held = entry.h
  entry.h = nil
  write('set', 'held', id, false)
  count(held.sid, 'inFlight', -1)
  if held.t then
    moved(held.t, 'ended')
  end
  settlePlace(id, entry)
end

local function hold(id, entry, held)
  entry.h = held
  write('set', 'held', id, true)
end

-- An instance says that it has a task from before.
local function holdFromBefore(sid, id, epoch)
  local entry = entryToChange(id)
  local held = entry.h
  if held and (held.sid == sid or held.e > epoch) then
    return
  end
  if held then
    count(held.sid, 'inFlight', -1)
  end
  hold(id, entry, { sid = sid, e = epoch, s = 0, began = 0 })
  count(sid, 'inFlight', 1)
end

-- Choices are numbered, in all of the life of the index.
local choice
local function writeChoices()
  if choice then
    call('SET', key('choices'), choice)
  end
end

-- `from`: the place it was popped from; nil: it is new.
local function reserve(id, entry, sid, agent, kind, tier, from)
  charge(sid, 1)
  count(sid, 'reserved', 1)
  choice = (choice or tonumber(call('GET', key('choices')) or 0)) + 1
  instanceToChange(sid).lastChosen = choice
  local rid = generation .. '-' .. choice
  entry.r = { id = rid, sid = sid, a = agent, k = kind, t = tier, began = now, over = 0, from = from }
  write('zset', 'reserved', id, text(now + RESERVATION_MS))
  return rid
end

local function giveBack(id, entry, requeue)
  local reserved = entry.r
  entry.r = nil
  write('zset', 'reserved', id, false)
  count(reserved.sid, 'reserved', -1)
  -- Credit that was withdrawn does not come back with what it was used for.
  local instance = instanceOf(reserved.sid)
  if instance and instance.withdrawn == 1 then
    count(reserved.sid, 'granted', -1)
  end
  if requeue and reserved.from then
    putBack(id, entry, reserved.from)
  end
  charge(reserved.sid, -1)
  settlePlace(id, entry)
end

local function confirm(id, entry, rid, sid, epoch, seq)
  local reserved = entry.r
  if not reserved and not next(entry) and instanceOf(sid) then
    -- The index has lost the reservation, and all else of the task: its agent has it all the same.
    hold(id, entry, { sid = sid, e = epoch, s = seq, began = now })
    count(sid, 'inFlight', 1)
    return
  end
  if not reserved or reserved.id ~= rid then
    return
  end
  entry.r = nil
  write('zset', 'reserved', id, false)
  count(reserved.sid, 'reserved', -1)
  local held = entry.h
  local isTold = held and held.e >= epoch
  if isTold then
    -- Its agent has said so itself before the claim was confirmed, perhaps on a newer session.
    count(reserved.sid, 'inFlight', -1)
  end
  if not isTold or held.sid == reserved.sid then
    hold(id, entry, {
      sid = reserved.sid, a = reserved.a, e = epoch, s = seq, k = reserved.k, t = reserved.t, began = reserved.began,
    })
  end
  if not reserved.from then
    moved(reserved.t, 'entered')
  end
  moved(reserved.t, 'claimed')
  if entry.w and entry.w.s < seq then
    entry.w = nil
  end
  if reserved.over >= epoch then
    dropHeld(id, entry)
  end
end

local function free(id, entry, epoch, sid)
  if not sid and entry.r and entry.r.over < epoch then
    entry.r.over = epoch
  end
  local held = entry.h
  if held and held.e <= epoch and (not sid or held.sid == sid) then
    dropHeld(id, entry)
  end
end
