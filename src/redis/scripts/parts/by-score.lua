-- Lanes as they are by scores alone: tasks that name no keys are in `lane:`, the others in `keyed:`.
local KINDS = { 'lane:', 'keyed:' }

-- {task, score, …}; those of one score are in the order of their ids.
local function firstByScore(lane, max)
  local found = redis.call('ZRANGE', base .. 'lane:' .. lane, 0, max - 1, 'WITHSCORES')
  local keyed = redis.call('ZRANGE', base .. 'keyed:' .. lane, 0, max - 1, 'WITHSCORES')
  if #keyed == 0 then
    return found
  end
  local merged, i, j = {}, 1, 1
  while #merged < 2 * max and (found[i] or keyed[j]) do
    local a, b = tonumber(found[i + 1]), tonumber(keyed[j + 1])
    local isFirst = a and (not b or a < b or (a == b and found[i] < keyed[j]))
    local n = #merged
    if isFirst then
      merged[n + 1], merged[n + 2] = found[i], found[i + 1]
      i = i + 2
    else
      merged[n + 1], merged[n + 2] = keyed[j], keyed[j + 1]
      j = j + 2
    end
  end
  return merged
end
