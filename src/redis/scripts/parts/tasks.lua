-- The tasks of a step, each read once, most of them all at once, and written back once. The sets of those that
-- are in a lane, reserved or held follow from what became of each; `wasQ`, `wasR`, `wasH` are what they go by so far.
local entries, all, known = {}, {}, 0

local function entryBy(id, text)
  local q, r, h, packed = read(text)
  local entry = { id = id, text = text, q = q, r = r, h = h, wasQ = q, wasR = r, wasH = h }
  if packed then
    entry.d, entry.w, entry.mayDiffer = packed.d, packed.w, true
  end
  entries[id] = entry
  known = known + 1
  all[known] = entry
  return entry
end

local function entryOf(id)
  return entries[id] or entryBy(id, call('HGET', key('tasks'), id))
end

local function isNowhere(entry)
  return not (entry.q or entry.r or entry.h or entry.d or entry.w)
end

-- What is kept of a task; false: nothing.
local function textOf(entry)
  local q, r, h = entry.q, entry.r, entry.h
  if entry.d or entry.w or (q and (r or h)) or (r and h) or (h and not h.with.text) then
    return '*' .. cmsgpack.pack({ q = q, r = r, h = h, d = entry.d, w = entry.w })
  elseif q then
    return textOfPlace(q)
  elseif r then
    return 'r' .. r.with.text .. '\n' .. r.choice .. ' ' .. text(r.over) .. '\n' .. r.from
  elseif h then
    return 'h' .. h.with.text .. '\n' .. text(h.e) .. ' ' .. text(h.s)
  end
  return false
end

local function readTasksAhead()
  local ids, n = {}, 0
  local function want(rows, width)
    for i = 1, #rows, width do
      local id = rows[i]
      if entries[id] == nil then
        entries[id] = false
        n = n + 1
        ids[n] = id
      end
    end
  end
  for _, op in ipairs(ask.ops) do
    if op.reads then
      want(op.rows, op.width)
    end
  end
  for _, op in ipairs(ask.asks) do
    if op.plans then
      want(op.plans, 3)
    end
  end
  readAhead('tasks', ids, entryBy)
end

-- Those that operations and tasks of this step have to do with.
local function readInstancesOfStep()
  local sids, n = {}, 0
  local function want(of, width, at)
    for i = 1, #of, width do
      n = n + 1
      sids[n] = at and of[i][at] or of[i]
    end
  end
  for _, op in ipairs(ask.ops) do
    if op.op == 'grant' then
      want(op.rows, op.width)
    elseif op.op == 'confirm' then
      want(op.of, 1, 1)
    end
  end
  for _, op in ipairs(ask.asks) do
    want(op.takers or {}, 1, 1)
  end
  for i = 1, known do
    local place = all[i].h or all[i].r
    if place then
      n = n + 1
      sids[n] = place.with.sid
    end
  end
  readInstancesAhead(sids)
end

-- Names of lanes that avoid an agent begin with it.
local AVOIDS = byte('!')
local function isElsewhere(place)
  return place and byte(place.lane.l) == AVOIDS
end

local ELSEWHERE_MS = 5000

local function writePlace(id, before, after)
  if before and not (after and after.lane.key == before.lane.key) then
    push('ZREM', before.lane.key, id)
    touch(before.lane)
    if before.lane.p then
      write('zset', 'keyed:' .. before.lane.l, id, false)
    end
  end
  if after then
    push('ZADD', after.lane.key, after.c, id)
    touch(after.lane)
    if after.lane.p then
      write('zset', 'keyed:' .. after.lane.l, id, after.c)
    end
  end
  if after and after.f then
    push('HSET', 'prefers', id, after.f)
  elseif before and before.f then
    push('HDEL', 'prefers', id)
  end
  if isElsewhere(after) then
    write('zset', 'elsewhere', id, text(now + ELSEWHERE_MS))
  elseif isElsewhere(before) then
    write('zset', 'elsewhere', id, false)
  end
end

-- The sets that a task is in for what it takes while it is reserved or held.
local function usesOf(place, into)
  local use = place and place.with.u
  if use then
    for _, name in ipairs(use.part.limits) do
      into['use:k:' .. name] = true
    end
    if use.o then
      into['use:rest'] = true
    end
    if use.b then
      into['use:a:' .. place.with.a] = true
    end
  end
  return into
end

local agentsUsed = {}
local LIMIT, AGENT = 'use:k:', 'use:a:'
local function writeUses(id, before, after)
  for name in pairs(before) do
    if not after[name] then
      push('SREM', name, id)
      if sub(name, 1, #LIMIT) == LIMIT then
        toWake[sub(name, #LIMIT + 1)] = true
      end
    end
  end
  for name in pairs(after) do
    if not before[name] then
      push('SADD', name, id)
    end
  end
  for name in pairs(before) do
    agentsUsed[name] = true
  end
  for name in pairs(after) do
    agentsUsed[name] = true
  end
end

local function countBusy()
  for name in pairs(agentsUsed) do
    if sub(name, 1, #AGENT) == AGENT then
      call(call('EXISTS', key(name)) == 1 and 'SADD' or 'SREM', key('busy'), sub(name, #AGENT + 1))
    end
  end
  agentsUsed = {}
end

-- Whether a task may be sent back for a person's as far as is known here: it is LOW, no person's, and not on the share
-- of the rest.
local function isVictim(held)
  local with = held and held.with
  return with and with.t == 'LOW' and with.began > 0 and not (with.u and (with.u.s or with.u.H))
end

local RESERVATION_MS = 5000

local function writeTask(entry, lapse)
  local id, q, r, h = entry.id, entry.q, entry.r, entry.h
  local wasQ, wasR, wasH = entry.wasQ, entry.wasR, entry.wasH
  if q == wasQ and r == wasR and h == wasH and not (entry.mayDiffer or entry.d or entry.w) then
    return
  end
  local kept = textOf(entry)
  if kept then
    push('HSET', 'tasks', id, kept)
  elseif entry.text then
    push('HDEL', 'tasks', id)
  end
  if q ~= wasQ then
    writePlace(id, wasQ, q)
  end
  if r ~= wasR then
    if r then
      push('ZADD', 'reserved', lapse, id)
    else
      push('ZREM', 'reserved', id)
    end
  end
  if h and not wasH then
    push('SADD', 'held', id)
  elseif wasH and not h then
    push('SREM', 'held', id)
  end
  if h ~= wasH then
    if isVictim(h) then
      write('zset', 'victims', id, text(h.with.began))
    elseif isVictim(wasH) then
      write('zset', 'victims', id, false)
    end
  end
  if (wasR and wasR.with.u) or (wasH and wasH.with.u) or (r and r.with.u) or (h and h.with.u) then
    writeUses(id, usesOf(wasR, usesOf(wasH, {})), usesOf(r, usesOf(h, {})))
  end
  -- A step may write twice.
  entry.text, entry.wasQ, entry.wasR, entry.wasH, entry.mayDiffer = kept, q, r, h, kept and byte(kept) == PACKED
end

local function writeTasks()
  local lapse = text(now + RESERVATION_MS)
  for i = 1, known do
    writeTask(all[i], lapse)
  end
end

-- Makes all that the step has changed so far, and what follows from it for lanes that name keys.
local function settle()
  writeTasks()
  makeAll()
  countBusy()
  lookAtTouched()
  makeAll()
  writeAccounts()
  wakeAll()
end
