-- What has changed since a version, for a coordinator that keeps a picture of lanes and instances.
local function laneNews(lane)
  local name = key('lane:' .. lane)
  local first = call('ZRANGE', name, 0, 0, 'WITHSCORES')
  return { lane, call('ZCARD', name), first[1] or '', first[2] or '', first[1] and call('HGET', key('prefers'), first[1]) or '' }
end

local function countNews(sid)
  local counts = call(
    'HMGET', countsOf(sid), 'granted', 'assigned', 'inFlight', 'reserved', 'lastChosen', 'withdrawn', 'request'
  )
  for i = 1, 6 do
    counts[i] = tonumber(counts[i] or 0)
  end
  return { sid, counts }
end

local function membersOfAll()
  local members = { 'h' }
  for prefix, name in pairs({ ['d:'] = 'lanes', ['l:'] = 'lanes', ['p:'] = 'instances', ['s:'] = 'instances' }) do
    for _, field in ipairs(call('HKEYS', key(name))) do
      members[#members + 1] = prefix .. field
    end
  end
  for _, agent in ipairs(call('HKEYS', key('conditions'))) do
    members[#members + 1] = 'a:' .. agent
  end
  return members
end

local function news(since)
  local told = { lanes = {}, described = {}, counts = {}, instances = {}, agents = {} }
  local members
  local forgotten = tonumber(call('GET', key('forgotten')) or -1)
  if since < 0 or since < forgotten then
    told.all = true
    members = membersOfAll()
  else
    members = call('ZRANGEBYSCORE', key('changes'), '(' .. since, '+inf')
  end
  for _, member in ipairs(members) do
    local what, name = string.sub(member, 1, 2), string.sub(member, 3)
    if what == 'l:' then
      told.lanes[#told.lanes + 1] = laneNews(name)
    elseif what == 'd:' then
      told.described[#told.described + 1] = { name, call('HGET', key('lanes'), name) }
    elseif what == 's:' then
      if call('HEXISTS', key('instances'), name) == 1 then
        told.counts[#told.counts + 1] = countNews(name)
      end
    elseif what == 'p:' then
      told.instances[#told.instances + 1] = { name, call('HGET', key('instances'), name) }
    elseif what == 'a:' then
      told.agents[#told.agents + 1] = { name, call('HGET', key('conditions'), name), call('HGET', key('reports'), name) }
    else
      told.holds = { call('GET', key('holds:version')) or '0', call('HGETALL', key('holds')) }
    end
  end
  return told
end

-- The first tasks of a lane: {lane, {task, score, prefer, …}}.
local function firstOf(lane, max)
  local tasks = call('ZRANGE', key('lane:' .. lane), 0, max - 1, 'WITHSCORES')
  local ids = {}
  for i = 1, #tasks, 2 do
    ids[#ids + 1] = tasks[i]
  end
  local prefers = call('EXISTS', key('prefers')) == 1 and #ids > 0
  local found = prefers and call('HMGET', key('prefers'), unpack(ids)) or {}
  local out = {}
  for i, id in ipairs(ids) do
    out[#out + 1] = { id, tasks[2 * i], found[i] or '' }
  end
  return { lane, out }
end

-- Entries of the journal after a place in it: {place, entries}.
local JOURNAL = 100
local function journalAfter(place)
  local last = tonumber(call('GET', key('journal:end')) or 0)
  local kept = call('LLEN', key('journal'))
  if kept > 2 * JOURNAL then
    call('LTRIM', key('journal'), -JOURNAL, -1)
    kept = JOURNAL
  end
  local missing = math.min(kept, last - place)
  if place > last then
    missing = kept
  end
  return { last, missing > 0 and call('LRANGE', key('journal'), -missing, -1) or {} }
end
