-- How much is taken of what a task would take, and how its fairness key stands to the others of its lane. ARGV: the
-- time in ms, or ''; the lane; the fairness key; and of each limit key its name, starts and period in ms ('': it
-- has no rate).
-- include ./parts/base.lua
local call = redis.call
local now = tonumber(ARGV[1])
if not now then
  local time = call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local lane, f = ARGV[2], ARGV[3]
local reply = {
  all = call('ZCARD', base .. 'reserved') + call('SCARD', base .. 'held'),
  rest = call('SCARD', base .. 'use:rest'), busy = call('SCARD', base .. 'busy'), slots = 0,
  ready = call('HGET', base .. 'order', 'ready') == '1', keys = {},
}
for _, slots in ipairs(call('HVALS', base .. 'slots')) do
  reply.slots = reply.slots + slots
end
for i = 4, #ARGV, 3 do
  local starts, due = base .. 'starts:' .. ARGV[i], false
  local count, period = tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  if count and call('ZCOUNT', starts, '(' .. string.format('%.0f', now - period), '+inf') >= count then
    due = call('ZRANGE', starts, -count, -count, 'WITHSCORES')[2] + period
  end
  reply.keys[#reply.keys + 1] = { call('SCARD', base .. 'use:k:' .. ARGV[i]), due }
end
if call('SISMEMBER', base .. 'keyed', lane) == 1 then
  local turns = base .. 'turns:' .. lane
  local least = call('ZRANGE', turns, 0, 0, 'WITHSCORES')
  local served = call('ZSCORE', base .. 'served:' .. lane, f) or least[2] or '0'
  reply.turn = { tonumber(served), call('ZCOUNT', turns, '-inf', '(' .. served) }
end
return cjson.encode(reply)
