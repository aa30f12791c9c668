-- The log is a stream whose entries have the ID epoch-offset, and a hash that
-- says which epoch and which offset is the newest, and which run of a server
-- wrote it. Every script begins with this file.
--
-- KEYS[1], KEYS[2]: the stream, the hash
-- ARGV[1], ARGV[2]: the newest position that the node knows, or empty
--
-- Offsets have no gap, with one exception. A server that takes over, or starts
-- again, may have lost the newest entries. Their offsets must not be used again,
-- so its first entry has the next multiple of a thousand million.
local stream, hash = KEYS[1], KEYS[2]
local known_epoch, known_offset = ARGV[1], tonumber(ARGV[2])
local leap = 1000000000

local server = redis.call('INFO', 'server')
local version = string.match(server, 'redis_version:([%d.]+)')
if tonumber(string.match(version, '^%d+')) < OLDEST then
  return redis.error_reply('ERR the server is Redis ' .. version .. ', and Redis OLDEST or later is needed')
end
local run = string.match(server, 'run_id:(%w+)')

local fields = redis.call('HMGET', hash, 'epoch', 'last', 'run')
local epoch, last, writer = fields[1], tonumber(fields[2] or 0), fields[3]

local function digits(number) return string.format('%.0f', number) end

local function has(offset)
  local id = epoch .. '-' .. digits(offset)
  return #redis.call('XRANGE', stream, id, id) > 0
end

local function offset_of(entry) return tonumber(string.match(entry[1], '-(%d+)$')) end

-- oldest returns the offset of the oldest entry, or nil.
local function oldest()
  local entries = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)
  return entries[1] and offset_of(entries[1])
end

-- is_lost says whether there is no log, or whether it has lost what the node has
-- seen. The entries of one run of a server are all there or lost from an offset
-- on.
local function is_lost()
  if not epoch or redis.call('EXISTS', stream) == 0 then return true end
  if known_epoch == '' then return false end
  if known_epoch ~= epoch then return tonumber(known_epoch) > tonumber(epoch) end
  if known_offset > last then return true end
  if math.floor(known_offset / leap) == math.floor(last / leap) or has(known_offset) then return false end
  local first = oldest()
  return first ~= nil and first <= known_offset
end

-- A log that begins anew has a greater epoch, the time in microseconds, and an
-- entry that says so: readers that wait for entries of the old one get it.
if is_lost() then
  local time = redis.call('TIME')
  local fresh = tonumber(time[1]) * 1000000 + tonumber(time[2])
  fresh = math.max(fresh, tonumber(epoch or 0) + 1, (tonumber(known_epoch) or 0) + 1)
  epoch, last, writer = digits(fresh), 0, run
  redis.call('UNLINK', stream)
  redis.call('XADD', stream, epoch .. '-0', 'begin', epoch)
  redis.call('HSET', hash, 'epoch', epoch, 'last', 0, 'run', run)
end
