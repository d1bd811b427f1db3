-- The tasks of a step, each read once, most of them all at once, and written back once. The sets of those that
-- are in a lane, reserved or held follow from what became of each: `stored` is what they go by so far.
local entries, changed, textsAhead = {}, {}, {}

local function entryOf(id)
  local entry = entries[id]
  if not entry then
    local kept = textsAhead[id]
    if kept == nil then
      kept = call('HGET', key('tasks'), id)
    end
    entry = entryOfText(kept)
    entry.id = id
    entry.stored = { text = kept, q = entry.q, r = entry.r, h = entry.h }
    entries[id] = entry
  end
  return entry
end

local function entryToChange(id)
  local entry = entryOf(id)
  if not entry.isChanged then
    entry.isChanged = true
    changed[#changed + 1] = entry
  end
  return entry
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
    return 'q' .. textOfPlace(q)
  elseif r then
    return 'r' .. r.choice .. ' ' .. text(r.over) .. ' ' .. r.with.text .. '\n' .. r.from
  elseif h then
    return 'h' .. text(h.e) .. ' ' .. text(h.s) .. ' ' .. h.with.text
  end
  return false
end

local function readTasksAhead()
  local ids, n = {}, 0
  local function want(rows, width)
    for i = 1, rows and #rows or 0, width do
      local id = rows[i]
      if textsAhead[id] == nil then
        textsAhead[id] = false
        n = n + 1
        ids[n] = id
      end
    end
  end
  for _, op in ipairs(ask.ops) do
    if OF_TASK[op.op] then
      want(op.rows, WIDTHS[op.op])
    end
  end
  for _, op in ipairs(ask.asks) do
    want(op.plans, 3)
  end
  readAhead('tasks', ids, textsAhead)
end

local function isElsewhere(place)
  return place and byte(place.lane.l) == 33
end

local ELSEWHERE_MS = 5000

local function writePlace(id, before, after)
  if before and not (after and after.lane.l == before.lane.l) then
    push('ZREM', before.lane.key, id)
  end
  if after then
    push('ZADD', after.lane.key, after.c, id)
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

local RESERVATION_MS = 5000

local function writeTasks()
  local lapse = text(now + RESERVATION_MS)
  for i = 1, #changed do
    local entry = changed[i]
    local id, stored, r, h = entry.id, entry.stored, entry.r, entry.h
    local kept = textOf(entry)
    if kept ~= stored.text then
      if kept then
        push('HSET', 'tasks', id, kept)
      else
        push('HDEL', 'tasks', id)
      end
    end
    if entry.q ~= stored.q then
      writePlace(id, stored.q, entry.q)
    end
    if r ~= stored.r then
      if r then
        push('ZADD', 'reserved', lapse, id)
      else
        push('ZREM', 'reserved', id)
      end
    end
    if h and not stored.h then
      push('SADD', 'held', id)
    elseif stored.h and not h then
      push('SREM', 'held', id)
    end
  end
end
