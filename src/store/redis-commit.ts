/**
 * One commit, all or nothing: Redis runs a script alone. KEYS: the record, the index of all keys. ARGV: deadline in
 * milliseconds or '', prefix, '1' and the previous value or '0' and '', the number of puts, key and value of each, the
 * keys to delete. 1: done, 0: the record is another, -1: too late.
 */
export const COMMIT_SCRIPT = `
if ARGV[1] ~= '' then
  local time = redis.call('TIME')
  if time[1] * 1000 + time[2] / 1000 > tonumber(ARGV[1]) then return -1 end
end
local held = redis.call('GET', KEYS[1])
if ARGV[3] == '1' then
  if held ~= ARGV[4] then return 0 end
elseif held then
  return 0
end
local puts = tonumber(ARGV[5])
for i = 0, puts - 1 do
  local key = ARGV[6 + 2 * i]
  redis.call('SET', ARGV[2] .. key, ARGV[7 + 2 * i])
  redis.call('ZADD', KEYS[2], 0, key)
end
for i = 6 + 2 * puts, #ARGV do
  redis.call('DEL', ARGV[2] .. ARGV[i])
  redis.call('ZREM', KEYS[2], ARGV[i])
end
return 1
`;
