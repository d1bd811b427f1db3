-- Tasks on their way to an instance, and tasks that an instance has.
local function dropHeld(entry)
  local with = entry.h.with
  entry.h = nil
  count(with.sid, 'inFlight', -1)
  if with.t then
    moved(with.t, 'ended')
  end
  settlePlace(entry)
end

-- An instance says that it has a task from before.
local function holdFromBefore(sid, id, epoch)
  local entry = entryOf(id)
  local held = entry.h
  if held and (held.with.sid == sid or held.e > epoch) then
    return
  end
  if held then
    count(held.with.sid, 'inFlight', -1)
  end
  entry.h = { e = epoch, s = 0, with = { sid = sid, began = 0 } }
  count(sid, 'inFlight', 1)
end

-- Choices are numbered, in all of the life of the index: a reservation is called by that and its number.
local choice
local function readChoices()
  choice = choice or tonumber(call('GET', key('choices')) or 0)
end

local function writeChoices()
  if choice then
    call('SET', key('choices'), choice)
  end
end

local function nameOf(reserved)
  return generation .. '-' .. reserved.choice
end

-- `from`: the text of the place it was popped from; '': it is new.
local function reserve(entry, with, from)
  local instance = instanceToChange(with.sid)
  choice = choice + 1
  instance.assigned = instance.assigned + 1
  instance.inFlight = instance.inFlight + 1
  instance.reserved = instance.reserved + 1
  instance.lastChosen = choice
  entry.r = { choice = '' .. choice, over = 0, with = with, from = from }
end

local function giveBack(entry, requeue)
  local reserved = entry.r
  local sid = reserved.with.sid
  entry.r = nil
  count(sid, 'reserved', -1)
  -- Credit that was withdrawn does not come back with what it was used for.
  local instance = instanceOf(sid)
  if instance and instance.withdrawn == 1 then
    count(sid, 'granted', -1)
  end
  if requeue and reserved.from ~= '' then
    putBack(entry, placeOf(reserved.from))
  end
  charge(sid, -1)
  settlePlace(entry)
end

-- `number`: of the reservation; nil: it is of another life of the index.
local function confirm(entry, number, sid, epoch, seq)
  local reserved = entry.r
  if not reserved and isNowhere(entry) and instanceOf(sid) then
    -- The index has lost the reservation, and all else of the task: its agent has it all the same.
    entry.h = { e = epoch, s = seq, with = { sid = sid, began = now } }
    count(sid, 'inFlight', 1)
    return
  end
  if not reserved or reserved.choice ~= number then
    return
  end
  local with = reserved.with
  entry.r = nil
  entry.h = { e = epoch, s = seq, with = with }
  count(with.sid, 'reserved', -1)
  if reserved.from == '' then
    moved(with.t, 'entered')
  end
  moved(with.t, 'claimed')
  if entry.w and entry.w.s < seq then
    entry.w = nil
  end
  if reserved.over >= epoch then
    dropHeld(entry)
  end
end

local function free(entry, epoch, sid)
  local reserved = entry.r
  if sid == '' and reserved and reserved.over < epoch then
    reserved.over, entry.mayDiffer = epoch, true
  end
  local held = entry.h
  if held and held.e <= epoch and (sid == '' or held.with.sid == sid) then
    dropHeld(entry)
  end
end
