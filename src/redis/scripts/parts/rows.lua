-- Operations that come in rows: how many cells each has, and which look at the task they name first.
local WIDTHS = {
  add = 5, remove = 2, confirm = 5, release = 3, attempts = 2, free = 3, hint = 4, dropHint = 2, grant = 3, watch = 3, unwatch = 2,
}
local OF_TASK = { add = true, remove = true, confirm = true, release = true, attempts = true, free = true }
