-- The lane that a task is in; nil: it is in none. ARGV: task.
local packed = redis.call('HGET', KEYS[1] .. 'tasks', ARGV[1])
local place = packed and cmsgpack.unpack(packed).q
return place and place.l or nil
