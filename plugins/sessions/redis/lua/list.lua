-- Lists a session, for at least twice as long as it lasts and a minute: the
-- clocks of the servers of a cluster are not quite the same. Forgets those of the
-- owner whose time is over.
--
-- KEYS[1]: the owner's list
-- ARGV[1]: the key of the session
-- ARGV[2]: for how many milliseconds the session lasts
local now, life = milliseconds(), 2 * tonumber(ARGV[2]) + 60000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
redis.call('ZADD', KEYS[1], 'GT', string.format('%.0f', now + life), ARGV[1])
if redis.call('PTTL', KEYS[1]) < life then
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', life))
end
return 1
