import { describe, expect, it } from 'vitest';
import { createCache } from '../../src/lib/cache.ts';
import { createFakeClock, settled } from '../support/fake-clock.ts';

describe('a cache', () => {
  it('keeps the entries that were used last', () => {
    const cache = createCache<number>({ max: 2 });
    cache.set('a', 1).set('b', 2);
    cache.get('a');
    cache.set('c', 3);
    expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual([1, undefined, 3]);
  });

  it('forgets an entry at its time, which begins again when it is set again', async () => {
    const clock = createFakeClock();
    const cache = createCache<number>({ max: 2, clock, ttl: 100 });
    cache.set('a', 1);
    await clock.advance(99);
    expect([cache.has('a'), cache.get('a')]).toEqual([true, 1]);
    cache.set('a', 2);
    await clock.advance(99);
    expect(cache.get('a')).toBe(2);
    await clock.advance(1);
    expect([cache.has('a'), cache.get('a')]).toEqual([false, undefined]);
  });

  it('loads a missing entry once for concurrent callers', async () => {
    const loaded: string[] = [];
    const load = async (key: string) => {
      loaded.push(key);
      await settled();
      return key.length;
    };
    const cache = createCache<number>({ max: 9, clock: createFakeClock(), ttl: 100, load });
    expect(cache.get('abc')).toBeUndefined();
    expect(await Promise.all([cache.fetch('abc'), cache.fetch('abc'), cache.fetch('a')])).toEqual([3, 3, 1]);
    expect(await cache.fetch('abc')).toBe(3);
    expect(loaded).toEqual(['abc', 'a']);
  });

  it.each([
    ['finds nothing', async () => undefined],
    ['fails', () => Promise.reject(new Error('Slack does not answer'))],
  ])('keeps an entry while it is loaded again, and when that %s', async (_, again) => {
    const clock = createFakeClock();
    let load: () => Promise<number | undefined> = async () => 1;
    const cache = createCache<number>({ max: 9, clock, ttl: 100, load: () => load() });
    await cache.fetch('a');
    await clock.advance(60);
    load = again;
    const refresh = cache.fetch('a', { forceRefresh: true });
    expect(cache.get('a')).toBe(1);
    await refresh;
    expect(cache.get('a')).toBe(1);
    await clock.advance(40);
    expect(cache.get('a')).toBeUndefined();
    expect(await cache.fetch('b')).toBeUndefined();
    expect(cache.has('b')).toBe(false);
  });

  it('answers a caller whose entry was pushed out while it was loaded', async () => {
    const cache = createCache<string>({ max: 1, load: (key) => settled().then(() => key) });
    expect(await Promise.all(['a', 'b', 'c'].map((key) => cache.fetch(key)))).toEqual(['a', 'b', 'c']);
  });
});
