-- What the names of an organisation's keys begin with. The number names the form of what is kept there: an
-- index of another form is another index, built from the record, and coordinators of both go on side by side.
local base = KEYS[1] .. '3:'
