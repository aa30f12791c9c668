-- Appends a message and returns its epoch and offset.
--
-- ARGV[3], ARGV[4]: its topic and data
-- ARGV[5]: how many entries the log keeps at least, 0 for all
local offset = last + 1
if writer ~= run then offset = (math.floor(last / leap) + 1) * leap end
local id = epoch .. '-' .. digits(offset)
if ARGV[5] == '0' then
  redis.call('XADD', stream, id, 't', ARGV[3], 'd', ARGV[4])
else
  redis.call('XADD', stream, 'MAXLEN', '~', ARGV[5], id, 't', ARGV[3], 'd', ARGV[4])
end
redis.call('HSET', hash, 'last', digits(offset), 'run', run)
return {epoch, digits(offset)}
