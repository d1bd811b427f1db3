-- A task as it is kept, a text, and as scripts work with it, a table of where it is: `q` in a lane, `d` delayed
-- {s seq, t tier}, `r` reserved {choice, over, with, from}, `h` held by an instance {e epoch, s, with}, `w` to be
-- queued once it is neither reserved nor held. `q` and `w` are places {lane, c score, s, f facts of
-- the choice; w: cause},
-- `from` is the text of one, or '': it was new. What many tasks have in common is read once: lanes
-- {l name, p part, t, k kind}, and as `with` whom they were given to and when {sid, began, t, k, a agent, u use, affinity key}.
local match, sub, byte, find = string.match, string.sub, string.byte, string.find

-- Tasks of a lane that name keys are in parts of it: `p`, the fairness key, and each limit key after a bar.
local partsRead = {}
local function partOf(text)
  local part = partsRead[text]
  if not part then
    local bar = find(text, '|', 1, true)
    part = { text = text, f = bar and sub(text, 1, bar - 1) or '', limits = {} }
    for limit in string.gmatch(bar and sub(text, bar) or '', '|([^|]+)') do
      part.limits[#part.limits + 1] = limit
    end
    partsRead[text] = part
  end
  return part
end

local lanesRead = {}
local function laneOf(text)
  local lane = lanesRead[text]
  if not lane then
    local name, tier, kind = match(text, '^(%S+) (%S+) (.*)$')
    local bar = find(name, '|', 1, true)
    lane = { text = text, l = name, t = tier, k = kind, key = 'lane:' .. name }
    if bar then
      lane.l, lane.p, lane.key = sub(name, 1, bar - 1), sub(name, bar + 1), 'part:' .. name
    end
    lanesRead[text] = lane
  end
  return lane
end

-- What a task counts for while it is reserved or held: how long it is expected to take, the lane of its fairness key
-- ('-': none is charged), its part, and by letters: H, O its band; c both bands could go, s the share of the rest
-- was owed; o it takes one of the slots that the rest may have; b its agent is counted as busy.
local usesRead = {}
local function useOf(text)
  local use = usesRead[text]
  if not use then
    local ms, flags, lane, part = match(text, '^(%S+) (%S+) (%S+) (.*)$')
    use = { text = text, ms = tonumber(ms), l = lane, part = partOf(part) }
    for flag in string.gmatch(flags, '.') do
      use[flag] = true
    end
    usesRead[text] = use
  end
  return use
end

local givingsRead = {}
local function givingOf(text)
  local giving = givingsRead[text]
  if not giving then
    local tab = find(text, '\t', 1, true)
    local sid, began, tier, kind, agent = match(tab and sub(text, 1, tab - 1) or text, '^(%S+) (%S+) (%S+) (%S+) (.*)$')
    giving = { text = text, sid = sid, began = tonumber(began), t = tier, k = kind, a = agent }
    local second = tab and find(text, '\t', tab + 1, true)
    local use = tab and sub(text, tab + 1, second and second - 1) or ''
    giving.u = use ~= '' and useOf(use) or nil
    giving.affinity = second and sub(text, second + 1) or nil
    givingsRead[text] = giving
  end
  return giving
end

-- `use`: '': it counts for nothing. `affinity`: its key; nil: it has none. Both stand after a tab.
local function giving(sid, began, tier, kind, agent, use, affinity)
  local text = sid .. ' ' .. began .. ' ' .. tier .. ' ' .. kind .. ' ' .. agent
  if affinity then
    return givingOf(text .. '\t' .. use .. '\t' .. affinity)
  end
  return givingOf(use == '' and text or text .. '\t' .. use)
end

-- `q`, lane, line break, score, blank, seq, and if its choice goes by something, line break and that.
local function placeOf(text)
  local lineEnd = find(text, '\n', 2, true)
  local score, seq, facts = match(text, '^(%S+) (%d+)()', lineEnd + 1)
  return {
    text = text, lane = laneOf(sub(text, 2, lineEnd - 1)), c = score, s = tonumber(seq),
    f = facts <= #text and sub(text, facts + 1) or nil,
  }
end

local function textOfPlace(place)
  if not place.text then
    place.text = 'q' .. place.lane.text .. '\n' .. place.c .. ' ' .. place.s .. (place.f and '\n' .. place.f or '')
  end
  return place.text
end

-- What is kept begins with a letter for where the task is, if it is in one place only; '*': all that is known is packed.
local QUEUED, RESERVED, HELD, PACKED = byte('q'), byte('r'), byte('h'), byte('*')

-- What is known by a text that is kept: q, r, h; a table of all, if it is packed. `text`: false: nothing.
local function read(text)
  local first = text and byte(text)
  if first == QUEUED then
    return placeOf(text)
  elseif first == PACKED then
    local entry = cmsgpack.unpack(sub(text, 2))
    return entry.q, entry.r, entry.h, entry
  elseif first ~= RESERVED and first ~= HELD then
    return
  end
  local lineEnd = find(text, '\n', 2, true)
  local with = givingOf(sub(text, 2, lineEnd - 1))
  if first == RESERVED then
    local choice, over, from = match(text, '^(%d+) (%d+)\n()', lineEnd + 1)
    return nil, { choice = choice, over = tonumber(over), with = with, from = sub(text, from) }
  end
  local epoch, seq = match(text, '^(%d+) (%d+)', lineEnd + 1)
  return nil, nil, { e = tonumber(epoch), s = tonumber(seq), with = with }
end
