-- What has changed since a version, for a coordinator that keeps a picture of lanes and instances.
-- Of most steps nobody asks for turns: what tells them is made when it is needed.
local inTurn
local function firstInTurn(lane, max, ms)
  inTurn = inTurn or makeFirstInTurn()
  return inTurn(lane, max, ms)
end

local function laneNews(lane)
  local name = key('lane:' .. lane)
  local size, first = call('ZCARD', name), nil
  if isKeyed(lane) then
    size, first = size + call('ZCARD', key('keyed:' .. lane)), firstInTurn(lane, 1, 0)
  else
    first = call('ZRANGE', name, 0, 0, 'WITHSCORES')
  end
  return { lane, size, first[1] or '', first[2] or '', first[1] and call('HGET', key('prefers'), first[1]) or '' }
end

-- As they are after this step.
local function countNews(sid)
  local instance = instanceOf(sid)
  if instance then
    return {
      sid, {
        instance.granted, instance.assigned, instance.inFlight, instance.reserved, instance.lastChosen,
        instance.withdrawn, instance.request,
      },
    }
  end
  return call('HEXISTS', key('instances'), sid) == 1 and { sid, { 0, 0, 0, 0, 0, 0, false } } or nil
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

local function tellTo(list, one)
  list = list or {}
  list[#list + 1] = one
  return list
end

local function news(since)
  local told = {}
  local members
  local forgotten = tonumber(call('GET', key('forgotten')) or -1)
  if since < 0 or since < forgotten then
    told.all = true
    members = membersOfAll()
  else
    members = call('ZRANGEBYSCORE', key('changes'), '(' .. since, '+inf')
  end
  local sids = {}
  for _, member in ipairs(members) do
    if sub(member, 1, 2) == 's:' then
      sids[#sids + 1] = sub(member, 3)
    end
  end
  readInstancesAhead(sids)
  for _, member in ipairs(members) do
    local what, name = sub(member, 1, 2), sub(member, 3)
    if what == 'l:' then
      told.lanes = tellTo(told.lanes, laneNews(name))
    elseif what == 'd:' then
      told.described = tellTo(told.described, { name, call('HGET', key('lanes'), name) })
    elseif what == 's:' then
      told.counts = tellTo(told.counts, countNews(name))
    elseif what == 'p:' then
      told.instances = tellTo(told.instances, { name, call('HGET', key('instances'), name) })
    elseif what == 'a:' then
      local condition, report = call('HGET', key('conditions'), name), call('HGET', key('reports'), name)
      told.agents = tellTo(told.agents, { name, condition, report })
    else
      told.holds = { call('GET', key('holds:version')) or '0', call('HGETALL', key('holds')) }
    end
  end
  return told
end

-- The first tasks of a lane: {lane, ids and scores with blanks between them, where they would best be done}.
local function firstOf(lane, max, ms)
  local tasks = isKeyed(lane) and firstInTurn(lane, max, ms)
    or call('ZRANGE', key('lane:' .. lane), 0, max - 1, 'WITHSCORES')
  local prefers = {}
  if #tasks > 0 and call('EXISTS', key('prefers')) == 1 then
    local ids = {}
    for i = 1, #tasks, 2 do
      ids[#ids + 1] = tasks[i]
    end
    prefers = call('HMGET', key('prefers'), unpack(ids))
  end
  return { lane, table.concat(tasks, ' '), prefers }
end

-- What is told of limits and of the share of the rest: {version, whether it is known what runs, how many more may go
-- in all and of the rest, how many more agents may be busy (false: any number), what each band was given}.
local function orderNews()
  if order.version == 0 and order.human == 0 and order.rest == 0 then
    return nil
  end
  local all, rest = roomOfAll()
  local busy = order.busy and order.busy - call('SCARD', key('busy'))
  return { order.version, not isUnready(), all or false, rest or false, busy or false, order.human, order.rest }
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
