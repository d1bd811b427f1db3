-- Takes what was planned, as far as it still holds: `plans`, three cells a task: its id and places in `lanes`
-- {lane ('': it is new), kind, tier, H or O and c, s as `useOf` has them, how long it is expected to take, lane and
-- part if it is new, affinity key} and `takers` {session, its holder, agent}, from 1. Reservations have the numbers after `after`,
-- in the order of the plans, but for those that are `refused`; `requests` by taker; what they count for in `uses`, by
-- number of the plan, those that do. What `how` has of a task goes to the holder of its taker. With
-- `current`, an answer of false means that the plan was made on what is no longer so.

-- What was taken by this operation, beside what is written.
local function roomNow()
  local all, rest = roomOfAll()
  local busy = order.busy and order.busy - call('SCARD', key('busy'))
  return { all = all, rest = rest, busy = busy, agents = {}, keys = {} }
end

local function roomOfKey(room, name)
  local left = room.keys[name]
  if left == nil then
    left = roomOf(name) or false
    room.keys[name] = left
  end
  return left
end

-- Of a task that is new nothing may wait for what it would take.
local function mayGo(room, part, isRest, agent, isNew)
  if (room.all and room.all <= 0) or (isRest and room.rest and room.rest <= 0) then
    return false
  end
  if room.busy then
    if room.agents[agent] == nil then
      room.agents[agent] = call('SISMEMBER', key('busy'), agent) == 1
    end
    if not room.agents[agent] and room.busy <= 0 then
      return false
    end
  end
  for _, name in ipairs(part.limits) do
    local left = roomOfKey(room, name)
    if left and (left <= 0 or isUnready() or (isNew and call('EXISTS', key('parked:' .. name)) == 1)) then
      return false
    end
  end
  return true
end

local function takeRoom(room, part, isRest, agent)
  room.all = room.all and room.all - 1
  if isRest and room.rest then
    room.rest = room.rest - 1
  end
  if room.busy and not room.agents[agent] then
    room.agents[agent], room.busy = true, room.busy - 1
  end
  for _, name in ipairs(part.limits) do
    local left = roomOfKey(room, name)
    room.keys[name] = left and left - 1
  end
end

-- '': it counts for nothing.
local function useText(with, lane, part)
  local flags = with[4]
  local isRest = sub(flags, 1, 1) == 'O'
  local charged = (part.text ~= '' or isKeyed(lane)) and lane or '-'
  local counted = order.limited and (isRest and 'ob' or 'b') or ''
  -- Of people's LOW tasks it is to be known that they are people's: those are not sent back.
  local isOfPeople = flags == 'H' and with[3] == 'LOW'
  if charged == '-' and counted == '' and #flags == 1 and not isOfPeople then
    return ''
  end
  return text(with[5]) .. ' ' .. flags .. counted .. ' ' .. charged .. ' ' .. part.text
end

local function newLane(name)
  local bar = find(name, '|', 1, true)
  return bar and sub(name, 1, bar - 1) or name, partOf(bar and sub(name, bar + 1) or '')
end

local function reservePlanned(op)
  if op.current and not isUnchanged(ask.since) then
    return false
  end
  if order.limited then
    -- What is free by now counts.
    settle()
  end
  readChoices()
  local answer = { after = choice, refused = {}, requests = {}, uses = {} }
  local isCurrent = (call('GET', key('holds:version')) or '0') == op.holds and op.limits <= order.version
  local room = roomNow()
  local plans, began, withs = op.plans, text(now), {}
  for i = 1, #plans, 3 do
    local id, with, taker = plans[i], op.lanes[plans[i + 1]], op.takers[plans[i + 2]]
    local sid, holder, agent = taker[1], taker[2], taker[3]
    local entry = entryOf(id)
    local place, isThere, lane, part = entry.q, nil, nil, nil
    if with[1] == '' then
      isThere = isNowhere(entry)
      lane, part = newLane(with[6])
    else
      isThere = place and place.lane.l == with[1] and not entry.r and not entry.h
      lane, part = with[1], partOf(place and place.lane.p or '')
    end
    local isRest = sub(with[4], 1, 1) == 'O'
    local isFree = isThere and isCurrent and hasCredit(sid)
    if isFree and mayGo(room, part, isRest, agent, with[1] == '') then
      takeRoom(room, part, isRest, agent)
      quitLane(entry)
      local use = useText(with, lane, part)
      local ofTaker = withs[taker] or {}
      withs[taker] = ofTaker
      local known = ofTaker[with] and ofTaker[with][part] or nil
      if not known then
        local affinity = with[7] ~= '' and with[7] or nil
        known = giving(sid, began, with[3], with[2], agent, use, affinity)
        ofTaker[with] = ofTaker[with] or {}
        ofTaker[with][part] = known
      end
      reserve(entry, known, place and textOfPlace(place) or '')
      local n = (i + 2) / 3
      if use ~= '' then
        answer.uses[#answer.uses + 1] = { n, known.text }
      end
      if holder ~= ask.me then
        local request = instanceOf(sid).request
        local message = { rid = nameOf(entry.r), id = id, sid = sid, agent = agent, request = request }
        message.how = op.how and op.how[n] or nil
        message.use = use ~= '' and known.text or nil
        call('RPUSH', key('inbox:' .. holder), cjson.encode(message))
        woken[holder] = true
      end
    else
      if isFree then
        -- Its lane looked as if it could go.
        mark('l:', lane)
      end
      answer.refused[#answer.refused + 1] = (i + 2) / 3
    end
  end
  for i, taker in ipairs(op.takers) do
    local instance = instanceOf(taker[1])
    answer.requests[i] = instance and instance.request or ''
  end
  return answer
end
