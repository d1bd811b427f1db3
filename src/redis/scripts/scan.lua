-- The next tasks in a circle that are in lanes, {task, seq}, or held, {task, epoch}. ARGV: cursor, count, what.
local key = KEYS[1] .. 'tasks'
local page = redis.call('HSCAN', key, ARGV[1], 'COUNT', ARGV[2])
local found = {}
for i = 1, #page[2], 2 do
  local entry = cmsgpack.unpack(page[2][i + 1])
  local part = ARGV[3] == 'held' and entry.h or (ARGV[3] == 'waiting' and entry.q)
  if part then
    found[#found + 1] = { page[2][i], ARGV[3] == 'held' and part.e or part.s }
  end
end
return cjson.encode({ cursor = page[1], found = found })
