-- Deletes a session. Returns the owner that it had, '' if it had none or is not
-- there.
--
-- KEYS[1]: the session
-- ARGV[1]: whose it must be, if there is one
local listed, owner = read(KEYS[1])
if not listed or ARGV[1] and owner ~= ARGV[1] then return '' end
redis.call('DEL', KEYS[1])
return owner
