-- How much is where, and how it moves. ARGV: the time in ms, or ''; the tiers.
-- include ./parts/base.lua
-- include ./parts/entries.lua
local call = redis.call
local now = tonumber(ARGV[1])
if not now then
  local time = call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local reply = { now = now, held = call('SCARD', base .. 'held'), delayed = {}, reserved = {}, meter = {} }
for i = 2, #ARGV do
  reply.delayed[i - 1] = call('ZCARD', base .. 'delayed:' .. ARGV[i])
end
for _, id in ipairs(call('ZRANGE', base .. 'reserved', 0, -1)) do
  local _, reserved = read(call('HGET', base .. 'tasks', id))
  if reserved then
    local name = reserved.with.t .. ' ' .. reserved.with.k
    reply.reserved[name] = (reply.reserved[name] or 0) + 1
  end
end
local bucket = math.floor(now / 5000)
for i = 0, 12 do
  local at = string.format('%.0f', bucket - i)
  reply.meter[i + 1] = { bucket - i, call('HGETALL', base .. 'meter:' .. at) }
end
reply.metered = call('HGETALL', base .. 'metered')
reply.totals = call('HGETALL', base .. 'totals')
return cjson.encode(reply)
