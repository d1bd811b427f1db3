-- The next tasks in a circle that are in lanes or delayed, {task, seq}, or held for a while, {task, epoch}.
-- ARGV: cursor, count, where: `q` in lanes, `held`, or `delayed:` and a tier.
-- include ./parts/base.lua
-- include ./parts/entries.lua
local HELD_MS = 2000
local where = ARGV[3]
local cursor, count = ARGV[1], ARGV[2]
local found = {}
local page
if where == 'q' then
  page = redis.call('HSCAN', base .. 'tasks', cursor, 'COUNT', count)
  for i = 1, #page[2], 2 do
    local place = read(page[2][i + 1])
    if place then
      found[#found + 1] = { page[2][i], place.s }
    end
  end
else
  local isHeld = where == 'held'
  page = redis.call(isHeld and 'SSCAN' or 'ZSCAN', base .. where, cursor, 'COUNT', count)
  local began = redis.call('TIME')[1] * 1000 - HELD_MS
  for i = 1, #page[2], isHeld and 1 or 2 do
    local id = page[2][i]
    local _, _, held, packed = read(redis.call('HGET', base .. 'tasks', id))
    if isHeld and held and held.with.began <= began then
      found[#found + 1] = { id, held.e }
    elseif not isHeld and packed and packed.d then
      found[#found + 1] = { id, packed.d.s }
    end
  end
end
return cjson.encode({ cursor = page[1], found = found })
