-- The next tasks in a circle that are in lanes or delayed, {task, seq}, or held, {task, epoch}. ARGV: cursor, count, what.
local PLACES = { waiting = 'q', delayed = 'd', held = 'h' }
local page = redis.call('HSCAN', KEYS[1] .. 'tasks', ARGV[1], 'COUNT', ARGV[2])
local found = {}
for i = 1, #page[2], 2 do
  local place = cmsgpack.unpack(page[2][i + 1])[PLACES[ARGV[3]]]
  if place then
    found[#found + 1] = { page[2][i], ARGV[3] == 'held' and place.e or place.s }
  end
end
return cjson.encode({ cursor = page[1], found = found })
