-- One step on the index of one organisation: what time has brought about, the operations that are
-- asked for, in their order, and what has changed since the last step of who asks.
-- To make its functions is much of what a small step costs: a local of the function around them is looked for among
-- all of its locals, one of a function further out is found at once. So there are three, one in the other, and what few steps need is made when they do; no function
-- may know more than 60 locals of those around it.
-- include ./parts/base.lua
-- include ./parts/world.lua
-- include ./parts/writes.lua
-- include ./parts/changes.lua
-- include ./parts/entries.lua
local function onTasks()
-- include ./parts/instances.lua
-- include ./parts/limits.lua
-- include ./parts/accounts.lua
-- include ./parts/lane-parts.lua
-- include ./parts/tasks.lua
-- include ./parts/places.lua
-- include ./parts/claims.lua
-- include ./parts/sweep.lua
-- Whom to tell of what is in their inbox.
local woken = {}
local function makeReserve()
-- include ./parts/reserve.lua
return reservePlanned
end
local function makeFirstInTurn()
-- include ./parts/in-turn.lua
return firstInTurn
end
-- include ./parts/news.lua
local function step()
local tellAttempts
local function makeOtherOperations()
-- include ./parts/due.lua
-- include ./parts/other-operations.lua
end
local function makeVictimOperations()
-- include ./parts/victims.lua
end
-- include ./parts/operations.lua
local reply = { now = now, generation = generation }
reply.isNew = keepHolders()
sweep()
readTasksAhead()
readInstancesOfStep()
reply.answers = {}
for _, op in ipairs(ask.ops) do
  carryOut(op)
end
for i, op in ipairs(ask.asks) do
  local answer = carryOut(op)
  if answer == nil then
    answer = true
  end
  reply.answers[i] = answer
end
tellAttempts()
writeInstances()
writeChoices()
settle()
tellChanges()
local since = ask.since
if generation ~= ask.generation then
  since = -1
end
reply.news = news(since)
reply.hasDeadlines = call('EXISTS', key('deadlines')) == 1
reply.version = tonumber(call('GET', key('version')) or 0)
reply.journal = journalAfter(generation == ask.generation and ask.journal or 0)
reply.first = {}
for i, want in ipairs(ask.want) do
  reply.first[i] = firstOf(want[1], want[2], want[3] or 0)
end
local inbox = key('inbox:' .. ask.me)
reply.inbox = call('LRANGE', inbox, 0, -1)
if #reply.inbox > 0 then
  call('DEL', inbox)
end
reply.order = orderNews()
leaveToNext()
reply.due = nextSweep()
for holder in pairs(woken) do
  call('PUBLISH', ask.wake .. holder, ask.org)
end
return cjson.encode(reply)
end
return step()
end
return onTasks()
