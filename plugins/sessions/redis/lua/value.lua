-- What is in the value of a session: see value.go. This comes before the other
-- scripts.

local function milliseconds()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- read returns until when the session of a key is listed, and whose it is; nil if
-- there is none.
local function read(key)
  local line = redis.call('GETRANGE', key, 0, 127)
  if line == '' then return nil end
  local listed, owner = string.match(line, '^%d+ (%d+) ([^\n]*)\n')
  if not listed then
    error({err = 'ERR the value of the key is not that of a session'})
  end
  return tonumber(listed), owner
end

-- head returns what a value begins with.
local function head(expires, listed)
  return string.format('%s %018.0f ', expires, listed)
end
