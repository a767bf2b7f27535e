import { createHash } from 'node:crypto';

/**
 * Makes one commit, all or nothing: Redis runs a script alone. KEYS: the compared records, then the index of all keys. ARGV: the
 * deadline in milliseconds or '', the prefix, for each compared record '1' and its previous value or '0' and '', the number of
 * puts, the key and value of each, the keys to delete. Returns 1: done, 0: a compared record differs, -1: too late.
 */
export const COMMIT_SCRIPT = buildScript(`
if ARGV[1] ~= '' then
  local time = redis.call('TIME')
  if time[1] * 1000 + time[2] / 1000 > tonumber(ARGV[1]) then return -1 end
end
local records = #KEYS - 1
local index = KEYS[#KEYS]
for i = 1, records do
  local held = redis.call('GET', KEYS[i])
  if ARGV[1 + 2 * i] == '1' then
    if held ~= ARGV[2 + 2 * i] then return 0 end
  elseif held then
    return 0
  end
end
local first = 4 + 2 * records
local puts = tonumber(ARGV[first - 1])
for i = 0, puts - 1 do
  local key = ARGV[first + 2 * i]
  redis.call('SET', ARGV[2] .. key, ARGV[first + 1 + 2 * i])
  redis.call('ZADD', index, 0, key)
end
for i = first + 2 * puts, #ARGV do
  redis.call('DEL', ARGV[2] .. ARGV[i])
  redis.call('ZREM', index, ARGV[i])
end
return 1
`);

/**
 * Reads a page of an index with the values of its keys, in one step. KEYS: the index of all keys. ARGV: the prefix, the limit,
 * the command and its two bounds. Returns the key and value of each record.
 */
export const RANGE_SCRIPT = buildScript(`
local found = {}
for _, key in ipairs(redis.call(ARGV[3], KEYS[1], ARGV[4], ARGV[5], 'LIMIT', 0, ARGV[2])) do
  local raw = redis.call('GET', ARGV[1] .. key)
  if raw then
    found[#found + 1] = key
    found[#found + 1] = raw
  end
end
return found
`);

function buildScript(text: string) {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}
