-- Puts a session in the place of another, or of none if it is new. Returns 0 if
-- there is none, 1 if it is done, and the owner if it has to be listed first.
--
-- KEYS[1]: the session
-- ARGV[1]: for how many milliseconds
-- ARGV[2]: until when, as values have it
-- ARGV[3]: the owner, or ''
-- ARGV[4]: for whom it was listed just now, or ''
-- ARGV[5]: 'new', or ''
-- ARGV[6]: the data
local life, owner = tonumber(ARGV[1]), ARGV[3]
local listed, had = read(KEYS[1])
if not listed and ARGV[5] == '' then return 0 end
if life <= 0 then
  redis.call('DEL', KEYS[1])
  return 1
end

local now = milliseconds()
if owner == '' then
  listed = 0
elseif owner == ARGV[4] then
  listed = now + 2 * life
elseif owner ~= had or listed < now + life then
  return owner
end
redis.call('SET', KEYS[1], head(ARGV[2], listed) .. owner .. '\n' .. ARGV[6], 'PX', ARGV[1])
return 1
