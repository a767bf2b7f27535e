import { LRUCache } from 'lru-cache';

export type Cache<V extends NonNullable<unknown>> = LRUCache<string, V>;

/**
 * Caches values in memory that may be lost: the `max` entries used last, each for less than `ttl` milliseconds. `load`: called by
 * `fetch` for a missing entry, once for concurrent callers. If `load` returns undefined, nothing is stored, and an entry that was
 * being refreshed stays.
 */
export function createCache<V extends NonNullable<unknown>>({
  max,
  clock,
  ttl,
  load,
}: {
  max: number;
  clock?: { now(): number };
  ttl?: number;
  load?: (key: string) => Promise<V | undefined>;
}): Cache<V> {
  return new LRUCache<string, V>({
    max,
    ...(clock && ttl !== undefined ? { ttl: ttl - 1, perf: clock, ttlResolution: 0 } : {}),
    ...(load ? { fetchMethod: load, ignoreFetchAbort: true, allowStaleOnFetchRejection: true } : {}),
  });
}
