-- The tasks of a step, each read once, most of them all at once, and written back once.
-- A task is where it is: `q` in a lane {l lane, c score, s seq, t tier, k kind, f prefer}, `d` delayed
-- {s, t}, `r` reserved {id, sid, a agent, k, t, began, from, over}, `h` held by an instance
-- {sid, a, e epoch, s, k, t, began}, `w` to be queued once it is neither reserved nor held (as `q`, and `cause`).
local entries, written, packedAhead = {}, {}, {}

-- Operations that look at the task they name.
local ofTask = { add = true, remove = true, confirm = true, release = true, free = true }

local function entryOf(id)
  local entry = entries[id]
  if not entry then
    local packed = packedAhead[id]
    if packed == nil then
      packed = call('HGET', key('tasks'), id)
    end
    entry = packed and cmsgpack.unpack(packed) or {}
    entries[id] = entry
  end
  return entry
end

local function entryToChange(id)
  written[id] = true
  return entryOf(id)
end

local function readTasksAhead()
  local ids, n = {}, 0
  local function want(id)
    if packedAhead[id] == nil then
      packedAhead[id] = false
      n = n + 1
      ids[n] = id
    end
  end
  local function wantAll(rows)
    for _, row in ipairs(rows or {}) do
      want(row[1])
    end
  end
  for _, ops in ipairs({ ask.ops, ask.asks }) do
    for _, op in ipairs(ops) do
      if ofTask[op.op] then
        wantAll(op.rows)
      end
      wantAll(op.plans)
      wantAll(op.ends)
    end
  end
  readAhead('tasks', ids, packedAhead)
end

local function writeTasks()
  for id in pairs(written) do
    local entry = entries[id]
    write('hash', 'tasks', id, next(entry) ~= nil and cmsgpack.pack(entry))
  end
end
