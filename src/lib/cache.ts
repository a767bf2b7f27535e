import { LRUCache } from 'lru-cache';

export type Cache<V extends NonNullable<unknown>> = LRUCache<string, V>;

/**
 * Keeps what may be forgotten: in memory, the `max` entries that were used last, each for less than `ttl` milliseconds.
 * `load`: what `fetch` calls for a missing entry, once for concurrent callers. It may return undefined: nothing is kept,
 * or the entry that a refresh found stays.
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
