-- A task as it is kept, a text, and as scripts work with it, a table of where it is: `q` in a lane, `d` delayed
-- {s seq, t tier}, `r` reserved {choice, over, with, from}, `h` held by an instance {e epoch, s, with}, `w` to be
-- queued once it is neither reserved nor held. `q` and `w` are places {lane, c score, s, f prefer; w: cause},
-- `from` is the text of one, or '': it was new. What many tasks have in common is read once: lanes
-- {l name, t, k kind}, and as `with` whom they were given to and when {sid, began, t, k, a agent}.
local match, sub, byte = string.match, string.sub, string.byte

local lanesRead = {}
local function laneOf(text)
  local lane = lanesRead[text]
  if not lane then
    local name, tier, kind = match(text, '^(%S+) (%S+) (.*)$')
    lane = { text = text, l = name, t = tier, k = kind, key = 'lane:' .. name }
    lanesRead[text] = lane
  end
  return lane
end

local givingsRead = {}
local function givingOf(text)
  local giving = givingsRead[text]
  if not giving then
    local sid, began, tier, kind, agent = match(text, '^(%S+) (%S+) (%S+) (%S+) (.*)$')
    giving = { text = text, sid = sid, began = tonumber(began), t = tier, k = kind, a = agent }
    givingsRead[text] = giving
  end
  return giving
end

local function placeOf(text)
  local score, seq, lane, prefer = match(text, '^(%S+) (%d+) ([^\n]*)\n?(.*)$')
  return { text = text, lane = laneOf(lane), c = score, s = tonumber(seq), f = prefer ~= '' and prefer or nil }
end

local function textOfPlace(place)
  if not place.text then
    place.text = place.c .. ' ' .. place.s .. ' ' .. place.lane.text .. (place.f and '\n' .. place.f or '')
  end
  return place.text
end

-- The first letter says where a task is, if it is in one place only; '*': all that is known is packed.
local QUEUED, RESERVED, HELD = byte('q'), byte('r'), byte('h')

-- `text`: what is kept; false: nothing.
local function entryOfText(text)
  if not text then
    return {}
  end
  local first = byte(text)
  if first == QUEUED then
    return { q = placeOf(sub(text, 2)) }
  elseif first == RESERVED then
    local choice, over, giving, from = match(text, '^r(%d+) (%d+) ([^\n]*)\n(.*)$')
    return { r = { choice = choice, over = tonumber(over), with = givingOf(giving), from = from } }
  elseif first == HELD then
    local epoch, seq, giving = match(text, '^h(%d+) (%d+) (.*)$')
    return { h = { e = tonumber(epoch), s = tonumber(seq), with = givingOf(giving) } }
  end
  return cmsgpack.unpack(sub(text, 2))
end
