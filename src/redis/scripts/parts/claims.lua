-- Tasks on their way to an instance, and tasks that an instance has.
local function dropHeld(entry)
  local with = entry.h.with
  entry.h = nil
  if with.u and with.began > 0 then
    correct(with.u, now - with.began)
  end
  count(with.sid, 'inFlight', -1)
  if with.t then
    moved(with.t, 'ended')
  end
  settlePlace(entry)
end

-- The same with another session, or counting for more.
local function regiven(with, sid, use)
  if not with.text then
    return { sid = sid, began = with.began }
  end
  return giving(sid, text(with.began), with.t, with.k, with.a, use and use.text or '', with.affinity)
end

-- An instance says that it has a task from before. What is known of the task still is.
local function holdFromBefore(sid, id, epoch)
  local entry = entryOf(id)
  local held = entry.h
  if held and (held.with.sid == sid or held.e > epoch) then
    return
  end
  if held then
    count(held.with.sid, 'inFlight', -1)
  end
  local with = { sid = sid, began = 0 }
  if held and held.with.u then
    with = regiven(held.with, sid, held.with.u)
  end
  entry.h = { e = epoch, s = 0, with = with }
  count(sid, 'inFlight', 1)
end

-- The record says that a task is with an agent; its session may be known from it, or never.
local function holdFromRecord(entry, epoch, seq, tier, kind, agent, use)
  local held = entry.h
  if held then
    local known = held.with.u
    if held.e <= epoch and not (known and known.b) then
      if known then
        -- It was given out before anything was limited.
        local ms, flags, others = match(known.text, '^(%S+) (%S+) (.*)$')
        use = ms .. ' ' .. flags .. (known.O and 'ob ' or 'b ') .. others
      end
      local with = held.with
      local given = giving(with.sid, text(with.began), tier, kind, agent, use, with.affinity)
      entry.h = { e = epoch, s = held.s, with = given }
    end
  elseif not entry.r and not isOld(entry, seq) then
    leave(entry)
    undelay(entry)
    entry.h = { e = epoch, s = seq, with = giving('-', '0', tier, kind, agent, use) }
  end
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
  if with.u then
    chargeFor(with.u)
    for _, name in ipairs(with.u.part.limits) do
      noteStart(name, entry.r.choice)
    end
  end
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
  local use = reserved.with.u
  if use then
    correct(use, 0)
    for _, name in ipairs(use.part.limits) do
      write('zset', 'starts:' .. name, reserved.choice, false)
    end
  end
  settlePlace(entry)
end

-- `number`: of the reservation; nil: it is of another life of the index. `lost`: what it was given for, if it counts.
local function confirm(entry, number, sid, epoch, seq, lost)
  local reserved = entry.r
  if not reserved and (instanceOf(sid) or lost) and (isNowhere(entry) or (lost and entry.q and entry.q.s < seq)) then
    -- The index has lost the reservation, and all else of the task: its agent has it all the same.
    leave(entry)
    entry.h = { e = epoch, s = seq, with = lost and givingOf(lost) or { sid = sid, began = now } }
    for _, name in ipairs(lost and entry.h.with.u.part.limits or {}) do
      noteStart(name, entry.id)
    end
    count(sid, 'inFlight', 1)
    return
  end
  if not reserved or reserved.choice ~= number then
    return
  end
  local with = reserved.with
  entry.r = nil
  count(with.sid, 'reserved', -1)
  local held = entry.h
  local isTold = held and held.e >= epoch
  if isTold then
    -- Its agent has said so itself before the claim was confirmed, perhaps on a newer session.
    count(with.sid, 'inFlight', -1)
  end
  if not isTold or held.with.sid == with.sid then
    entry.h = { e = epoch, s = seq, with = with }
  elseif with.u and not held.with.u then
    entry.h = { e = held.e, s = held.s, with = regiven(with, held.with.sid, with.u) }
  end
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
