-- Returns the messages after a position that belong to topics, of one page of
-- the log: the offset that it has looked at last, whether there is more, and
-- offset, topic and data of each message. Returns 'gap' if a message may be
-- missing after the position.
--
-- ARGV[3], ARGV[4]: the position
-- ARGV[5]: how many messages are wanted at most; 0 asks for the gap alone
-- ARGV[6], ...: the topics
local page = 100
local at, wanted = tonumber(ARGV[4]), tonumber(ARGV[5])

-- What follows a position is all there if the position itself is, or the entry
-- that comes right after it, or if it is the end.
if ARGV[3] ~= epoch or at > last then return 'gap' end
if at ~= last and not has(at) and oldest() ~= at + 1 then return 'gap' end
if wanted == 0 then return {digits(at), 0} end

local topics = {}
for i = 6, #ARGV do topics[ARGV[i]] = true end
local entries = redis.call('XRANGE', stream, '(' .. epoch .. '-' .. digits(at), '+', 'COUNT', page)
local found, more = {}, #entries == page
for i, entry in ipairs(entries) do
  local offset = offset_of(entry)
  if offset ~= at + 1 and offset % leap ~= 0 then
    if i == 1 then return 'gap' end
    more = true
    break
  end
  at = offset
  local topic, data = entry[2][2], entry[2][4]
  if topics[topic] then
    found[#found + 1] = digits(at)
    found[#found + 1] = topic
    found[#found + 1] = data
    wanted = wanted - 1
    if wanted == 0 then break end
  end
end
return {digits(at), more and 1 or 0, unpack(found)}
