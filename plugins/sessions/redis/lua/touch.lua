-- Changes when a session expires. Returns 0 if there is none, 1 if it is done,
-- and the owner if it has to be listed first.
--
-- KEYS[1]: the session
-- ARGV[1]: for how many milliseconds
-- ARGV[2]: until when, as values have it
-- ARGV[3]: for whom it was listed just now, or ''
local life = tonumber(ARGV[1])
local listed, owner = read(KEYS[1])
if not listed then return 0 end
if life <= 0 then
  redis.call('DEL', KEYS[1])
  return 1
end

local now = milliseconds()
if owner ~= '' and listed < now + life then
  if owner ~= ARGV[3] then return owner end
  listed = now + 2 * life
end
redis.call('SETRANGE', KEYS[1], 0, head(ARGV[2], listed))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
