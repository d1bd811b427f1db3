-- The first tasks of a lane that may go, in the order of turns, as if each was given out and took as long as it is
-- expected to: no more of them than limits have room for.
local MAX_IN_TURN = 500
-- One that has waited for so long goes first, whoever's turn it is.
local TURN_BOUND_MS = 72 * 3600000

local function scoredPairs(flat)
  local list = {}
  for i = 1, #flat, 2 do
    list[#list + 1] = { flat[i], tonumber(flat[i + 1]), flat[i + 1] }
  end
  return list
end

-- Parts of fairness keys that may go.
local function runnableParts(lane, f, max)
  local parts = {}
  for i, one in ipairs(scoredPairs(call('ZRANGE', key('heads:' .. lane .. '|' .. f), 0, max - 1, 'WITHSCORES'))) do
    parts[i] = { part = partOf(one[1]), score = one[2], at = 1 }
  end
  return parts
end

-- What a task of a part would take beside what was told so far.
local function hasRoom(part, turns)
  for _, name in ipairs(part.limits) do
    local room = roomOf(name)
    if room and room <= (turns.taken[name] or 0) then
      return false
    end
  end
  return true
end

-- The part whose first task goes next of a key, as far as limits have room; nil: none.
local function nextPart(turns, turn)
  turn.parts = turn.parts or runnableParts(turns.lane, turn.f, turns.max)
  local found
  for _, one in ipairs(turn.parts) do
    if not one.over then
      local why = work < WORK and fullOf(one.part)
      if why then
        work = work + 1
        one.over, turns.parked = true, true
        stand(turns.lane, one.part, one.score, why)
      elseif hasRoom(one.part, turns) and (not found or one.score < found.score) then
        found = one
      end
    end
  end
  return found
end

-- Of those that were served the same the one whose task has the lowest score goes first; so many are compared.
local TIES = 16
local function scoreOf(turns, turn)
  turn.parts = turn.parts or runnableParts(turns.lane, turn.f, turns.max)
  local least = math.huge
  for _, one in ipairs(turn.parts) do
    least = one.over and least or min(least, one.score)
  end
  return least
end

local function takeNext(turns)
  local found, score = 1, nil
  local i = 2
  while turns[i] and i <= TIES and turns[i].served == turns[1].served do
    score = score or scoreOf(turns, turns[1])
    local other = scoreOf(turns, turns[i])
    if other < score then
      found, score = i, other
    end
    i = i + 1
  end
  return table.remove(turns, found)
end

-- Back into line, behind those that were served as much.
local function comeBack(turns, turn)
  local low, high = 1, #turns + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if turns[middle].served <= turn.served then
      low = middle + 1
    else
      high = middle
    end
  end
  table.insert(turns, low, turn)
end

local function tell(turns, part, task)
  local n = #turns.out
  turns.out[n + 1], turns.out[n + 2] = task[1], task[3]
  turns.told[task[1]] = true
  for _, name in ipairs(part.limits) do
    turns.taken[name] = (turns.taken[name] or 0) + 1
  end
end

-- Of those at the front of the lane, whose limits may be full.
local function tellOverdue(turns)
  local overdue = {}
  local bound = '(' .. text(now - TURN_BOUND_MS)
  for _, name in ipairs({ 'lane:' .. turns.lane, 'keyed:' .. turns.lane }) do
    local found = call('ZRANGEBYSCORE', key(name), '-inf', bound, 'WITHSCORES', 'LIMIT', 0, turns.max)
    for _, task in ipairs(scoredPairs(found)) do
      overdue[#overdue + 1] = task
    end
  end
  table.sort(overdue, function(a, b)
    return a[2] < b[2] or (a[2] == b[2] and a[1] < b[1])
  end)
  for _, task in ipairs(overdue) do
    local place = #turns.out < 2 * turns.max and entryOf(task[1]).q
    local part = place and partOf(place.lane.p or '')
    if part and not fullOf(part) and hasRoom(part, turns) then
      tell(turns, part, task)
    end
  end
end

local function firstInTurn(lane, most, ms)
  local max = min(most, MAX_IN_TURN)
  local turns = { lane = lane, max = max, out = {}, told = {}, taken = {} }
  tellOverdue(turns)
  for i, one in ipairs(scoredPairs(call('ZRANGE', key('turns:' .. lane), 0, math.max(max, TIES) - 1, 'WITHSCORES'))) do
    turns[i] = { f = one[1], served = one[2] }
  end
  while #turns > 0 and #turns.out < 2 * max do
    local turn = takeNext(turns)
    local one = nextPart(turns, turn)
    if one then
      one.tasks = one.tasks or scoredPairs(call('ZRANGE', key(tasksOf(lane, one.part)), 0, max - 1, 'WITHSCORES'))
      local task, following = one.tasks[one.at], one.tasks[one.at + 1]
      if task and not turns.told[task[1]] then
        tell(turns, one.part, task)
        turn.served = turn.served + ms / weightOf(turn.f)
      end
      one.at, one.over, one.score = one.at + 1, not following, following and following[2]
      comeBack(turns, turn)
    end
  end
  if turns.parked and #turns.out < 2 * max then
    if work < WORK then
      return firstInTurn(lane, most, ms)
    end
    call('SADD', key('unsettled'), '|' .. lane)
  end
  return turns.out
end
