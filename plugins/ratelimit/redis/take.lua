-- Takes tokens out of a bucket, if it has as many. Returns 1 or 0, and how many
-- are in it then.
--
-- KEYS[1]: the bucket
-- ARGV[1], ARGV[2]: its limit, and the microseconds in which it fills
-- ARGV[3]: how many tokens
--
-- The value of a bucket is how many tokens it had and when, as in
-- "3.25 1764452233123456". One that is full is not there.
local limit, refill, weight = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])

local tokens = limit
local value = redis.call('GET', KEYS[1])
if value then
  local had, at = string.match(value, '^(%S+) (%d+)$')
  if not had then
    return redis.error_reply('ERR the value of ' .. KEYS[1] .. ' is not that of a bucket')
  end
  -- A server that takes over may have a clock that is behind.
  local passed = math.max(0, now - tonumber(at))
  tokens = math.min(limit, tonumber(had) + passed * limit / refill)
end

-- The part of a token that is left over by rounding counts as none.
if tokens - weight < -1e-9 then
  return {0, string.format('%.17g', tokens)}
end
tokens = tokens - weight
local full = math.ceil((limit - tokens) * refill / limit / 1000)
redis.call('SET', KEYS[1], string.format('%.17g %.0f', tokens, now), 'PX', math.max(1, full))
return {1, string.format('%.17g', tokens)}
