-- The next tasks in a circle that are in lanes or delayed, {task, seq}, or held, {task, epoch}. ARGV: cursor, count, what.
local base, what = KEYS[1], ARGV[3]
local found = {}
local function find(id, packed, place)
  local at = packed and cmsgpack.unpack(packed)[place]
  if at then
    found[#found + 1] = { id, at.e or at.s }
  end
end
local page
if what == 'held' then
  -- Few are held where many wait.
  page = redis.call('SSCAN', base .. 'held', ARGV[1], 'COUNT', ARGV[2])
  for _, id in ipairs(page[2]) do
    find(id, redis.call('HGET', base .. 'tasks', id), 'h')
  end
else
  page = redis.call('HSCAN', base .. 'tasks', ARGV[1], 'COUNT', ARGV[2])
  for i = 1, #page[2], 2 do
    find(page[2][i], page[2][i + 1], what == 'waiting' and 'q' or 'd')
  end
end
return cjson.encode({ cursor = page[1], found = found })
