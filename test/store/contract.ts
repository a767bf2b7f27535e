import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Commit, RangeOptions, RecordStore } from '../../src/store/record-store.ts';
import { deleteRecord, listKeys, putRecord } from '../support/records.ts';
import { commitOf, creationOf, put } from './support.ts';

const ODD_TEXTS = {
  'a NUL': 'before\u0000after',
  'an emoji': 'sparkles ✨ and a family 👩‍👩‍👧',
  quotes: `'single' "double" \`back\` \\ $1 %s ; --`,
  'line breaks': 'one\ntwo\r\nthree\u2028four',
  'characters of many scripts': 'ß 漢字 العربية \u{10FFFF}',
} as const;

const sortByBytes = (keys: readonly string[]) =>
  [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
const times = <T>(count: number, work: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => work(index));

/**
 * Tests the behaviour of every RecordStore, whatever is behind it. `open` returns an empty store that no other test
 * uses; the suite disconnects it.
 */
export function recordStoreContract(
  open: () => RecordStore | Promise<RecordStore>,
  { holdsNul = true }: { holdsNul?: boolean } = {},
): void {
  // The product never stores a NUL: keys are percent-encoded and values are JSON.
  const storable = (text: string) => holdsNul || !text.includes('\u0000');
  let store: RecordStore;

  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.disconnect());

  const get = (key: string) => store.get(key);
  const getAll = (...keys: string[]) => Promise.all(keys.map(get));
  const commit = (...commit: Parameters<typeof commitOf>) => store.commit(commitOf(...commit));
  const commitAll = (commits: readonly Commit[]) => Promise.all(commits.map((one) => store.commit(one)));
  const fill = (keys: readonly string[]) => commitAll(keys.map((key) => commitOf({}, { [key]: undefined })));
  const list = (index: string, options: Partial<RangeOptions> = {}) =>
    listKeys(store, index, { limit: 100, ...options });
  const listBackwards = (index: string, options: Partial<RangeOptions> = {}) =>
    list(index, { reverse: true, ...options });

  describe('one key', () => {
    test('holds what was set last, which may be empty, until it is deleted', async () => {
      expect(await get('record')).toBeUndefined();
      await deleteRecord(store, 'record');
      for (const raw of ['first', 'second', '']) {
        await putRecord(store, 'record', raw);
        expect(await get('record')).toBe(raw);
      }
      expect(await commit({ record: undefined }, { record: 'new' })).toBe(false);
      expect(await commit({ record: '' }, { record: 'new' })).toBe(true);
      await deleteRecord(store, 'record');
      expect(await get('record')).toBeUndefined();
    });

    test('of several writes at once one is there, whole, once they have resolved', async () => {
      const texts = ['a', 'b', 'c'].map((letter) => letter.repeat(10_000));
      await Promise.all(texts.map((text) => putRecord(store, 'record', text)));
      expect(texts).toContain(await get('record'));
      await putRecord(store, 'record', 'd');
      expect(await get('record')).toBe('d');
    });

    test.each(Object.entries(ODD_TEXTS).filter(([, text]) => storable(text)))(
      'and its value may have %s',
      async (_, text) => {
        const key = `odd/${text}`;
        await putRecord(store, key, text);
        expect(await getAll(key, `odd/${text.slice(0, 6)}`)).toEqual([text, undefined]);
        expect(await list('odd')).toEqual([key]);
        expect(await commit({ [key]: text }, { [key]: `${text} again` })).toBe(true);
        expect(await get(key)).toBe(`${text} again`);
        await deleteRecord(store, key);
        expect(await get(key)).toBeUndefined();
      },
    );

    test('a value of 1 MiB comes back as it was, and is compared whole', async () => {
      const large = 'x'.repeat(2 ** 20);
      await putRecord(store, 'record', large);
      expect((await get('record')) === large).toBe(true);
      expect(await commit({ record: `${large.slice(0, -1)}y` }, { record: 'other' })).toBe(false);
      expect(await commit({ record: large }, { record: 'other' })).toBe(true);
      expect(await get('record')).toBe('other');
    });
  });

  describe('a commit', () => {
    test('puts and deletes all of its keys when the record is as it was read', async () => {
      await commit({}, { record: 'v1', 'index/old': '1' });
      const puts = { record: 'v2', 'index/new': '1', output: 'text' };
      expect(await commit({ record: 'v1' }, puts, ['index/old', 'never-was-there'])).toBe(true);
      const held = await getAll('record', 'index/new', 'output', 'index/old');
      expect(held).toEqual(['v2', '1', 'text', undefined]);
    });

    test('can compare a second record, and writes only if both are as they were read', async () => {
      await putRecord(store, 'run', 'r1');
      const write = (run: string, record: string | undefined) =>
        commit({ run, record }, { run: 'r2', record: 'v1' });
      expect(await write('r0', undefined)).toBe(false);
      expect(await write('r1', 'v0')).toBe(false);
      expect(await get('record')).toBeUndefined();
      expect(await write('r1', undefined)).toBe(true);
      expect(await getAll('run', 'record')).toEqual(['r2', 'v1']);
      expect(await write('r2', undefined)).toBe(false);
      expect(await write('r2', 'v1')).toBe(true);
    });

    test('compares a second record with what is written meanwhile, and no two wait for each other', async () => {
      const write = (key: string, also: string, n: number) =>
        commitOf({ [key]: undefined, [also]: undefined }, { [key]: `${n}`, [also]: `${n}` });
      const won = await commitAll(times(20, (n) => (n % 2 === 0 ? write('a', 'b', n) : write('b', 'a', n))));
      expect(won.filter(Boolean)).toHaveLength(1);
      const winner = `${won.indexOf(true)}`;
      expect(await getAll('a', 'b')).toEqual([winner, winner]);
      const others = await commitAll(times(20, (n) => write(`key/${n}`, 'one', n)));
      expect(others.filter(Boolean)).toHaveLength(1);
    });

    test.each([
      ['holds something else', 'v1', 'v0'],
      ['is there, and should be absent', 'v1', undefined],
      ['is absent, and should be there', undefined, 'v0'],
      ['differs in case only', 'V1', 'v1'],
      ['differs in a trailing space only', 'v1 ', 'v1'],
    ])('writes nothing at all when the record %s', async (_, held, previousRaw) => {
      if (held !== undefined) await putRecord(store, 'record', held);
      await putRecord(store, 'index/old', '1');
      const done = commit({ record: previousRaw }, { record: 'v2', 'index/new': '1' }, ['index/old']);
      expect(await done).toBe(false);
      expect(await getAll('record', 'index/new', 'index/old')).toEqual([held, undefined, '1']);
    });

    test('can compare one key and write others, or delete the record itself', async () => {
      await putRecord(store, 'record', 'v1');
      expect(await commit({ record: 'v1' }, { beside: 'x' })).toBe(true);
      expect(await getAll('record', 'beside')).toEqual(['v1', 'x']);
      expect(await commit({ record: 'v1' }, {}, ['record'])).toBe(true);
      expect(await get('record')).toBeUndefined();
    });

    test.each([
      ['absent', undefined],
      ['present', 'v1'],
    ])('wins exactly once when 50 race for one record that is %s', async (_, held) => {
      if (held !== undefined) await putRecord(store, 'record', held);
      const race = (i: number) =>
        commitOf({ record: held }, { record: `winner ${i}`, [`trace/${i}`]: undefined });
      const done = await commitAll(times(50, race));
      expect(done.filter(Boolean)).toHaveLength(1);
      const winner = done.indexOf(true);
      expect(await get('record')).toBe(`winner ${winner}`);
      expect(await list('trace')).toEqual([`trace/${winner}`]);
    });

    test('creates every one of 50 records at once, each only once', async () => {
      const keys = times(50, (i) => `record/${i}`);
      const creations = keys.map((key) => creationOf(key));
      expect(await commitAll(creations)).toEqual(keys.map(() => true));
      expect(await commitAll(creations)).toEqual(keys.map(() => false));
      expect(await getAll(...keys)).toEqual(keys.map((key) => put(key).raw));
    });

    test('loses no update when 20 read, change and write one record until they win', async () => {
      const increment = async () => {
        for (let won = false; !won; ) {
          const count = await get('count');
          won = await commit({ count }, { count: String(Number(count ?? 0) + 1) });
        }
      };
      await Promise.all(times(20, increment));
      expect(await get('count')).toBe('20');
    });

    test('of a run with 500 approvals that ends is made whole, or not at all', async () => {
      const named = (kind: string, raw: string) =>
        Object.fromEntries(times(500, (n) => [`${kind}/${n}`, `${raw} of ${n}`]));
      const before = { ...named('approval', 'v1'), ...named('due', '1'), ...named('waiting', '1') };
      expect(await commit({}, before)).toBe(true);
      const after = { ...named('approval', 'v2'), ...named('settled', '1'), ...named('fact', 'end') };
      const deletedKeys = Object.keys({ ...named('due', ''), ...named('waiting', '') });
      const end = (compare: Record<string, string>) => commit(compare, after, deletedKeys);
      expect(await end({ ...named('approval', 'v1'), 'approval/499': 'another' })).toBe(false);
      expect(await getAll(...Object.keys(before))).toEqual(Object.values(before));
      expect(await end(named('approval', 'v1'))).toBe(true);
      expect(await getAll(...Object.keys(after))).toEqual(Object.values(after));
      expect(new Set(await getAll(...deletedKeys))).toEqual(new Set([undefined]));
    });

    test('after its deadline rejects and writes nothing, and takes no other commit with it', async () => {
      await putRecord(store, 'record', 'v1');
      const late = { ...commitOf({ record: 'v1' }, { record: 'v2', beside: 'x' }), deadline: 1 };
      const inTime = { ...creationOf('in-time'), deadline: Date.now() + 60_000 };
      const results = await Promise.allSettled([late, inTime].map((one) => store.commit(one)));
      expect(results).toMatchObject([
        { status: 'rejected', reason: { code: 'deadline_passed' } },
        { status: 'fulfilled', value: true },
      ]);
      expect(await getAll('record', 'beside', 'in-time')).toEqual(['v1', undefined, 'raw of in-time']);
    });
  });

  describe('a range', () => {
    const keys = ['open/001/B', 'open/001/C', 'open/002/A', 'open/010/A', 'open/100/Z'];
    const backwards = [...keys].reverse();
    const records = (...some: string[]) => some.map((key) => put(key));

    test('gives the records of its index in the order of their keys, both ways, at most `limit`', async () => {
      await fill(backwards);
      expect(await store.range('open', { limit: 10 })).toEqual(records(...keys));
      expect(await store.range('open', { limit: 5 })).toEqual(records(...keys));
      expect(await store.range('open', { limit: 2 })).toEqual(records(...keys.slice(0, 2)));
      const newest = await store.range('open', { limit: 2, reverse: true });
      expect(newest).toEqual(records(...backwards.slice(0, 2)));
      expect(await listBackwards('open')).toEqual(backwards);
      expect(await list('closed')).toEqual([]);
    });

    test('orders by bytes, not by language, case or UTF-16', async () => {
      const odd = ['i/Z', 'i/a', 'i/z', 'i/~', 'i/ä', 'i/\uFF5E', 'i/😀', 'i/-', 'i/A', 'i/0', 'i/ ', 'i/_'];
      await fill(odd);
      expect(await list('i')).toEqual(sortByBytes(odd));
      expect(await listBackwards('i')).toEqual(sortByBytes(odd).reverse());
    });

    test('goes on after a key, whether that key is still there or not', async () => {
      await fill(keys);
      const after = 'open/002/A';
      for (const isThere of [true, false]) {
        if (!isThere) await deleteRecord(store, after);
        expect(await list('open', { after })).toEqual(keys.slice(3));
        expect(await list('open', { after, limit: 1 })).toEqual(keys.slice(3, 4));
        expect(await listBackwards('open', { after })).toEqual(backwards.slice(3));
        expect(await listBackwards('open', { after, limit: 1 })).toEqual(backwards.slice(3, 4));
      }
      expect(await list('open', { after: 'open/100/Z' })).toEqual([]);
      expect(await listBackwards('open', { after: 'open/001/B' })).toEqual([]);
    });

    test('gives nothing of another index, not even of one whose name begins the same', async () => {
      const press = ['waiting/press/001/A', 'waiting/press/002/B'];
      const alike = ['press-2', 'press.x', 'press0', 'press2', 'pres'].map((crew) => `waiting/${crew}/001/A`);
      await fill([...press, ...alike, 'waiting', 'waiting/press', 'decided/press/001/A', 'zzz']);
      expect(await list('waiting/press')).toEqual(press);
      expect(await listBackwards('waiting/press')).toEqual([...press].reverse());
      expect(await list('waiting/press-2')).toEqual(['waiting/press-2/001/A']);
      expect(await list('waiting/press', { after: press[1] })).toEqual([]);
      expect(await listBackwards('waiting/press', { after: press[0] })).toEqual([]);
      // The range stays in its index even if `after` is a key of another index.
      expect(await list('waiting/press', { after: 'a' })).toEqual(press);
      expect(await listBackwards('waiting/press', { after: 'z' })).toEqual([...press].reverse());
    });

    test('takes the characters of patterns literally', async () => {
      await fill(['a%/1', 'a_/1', 'ab/1', 'a*/1', 'a?/1', 'a[b]/1', 'A%/1']);
      for (const index of ['a%', 'a_', 'a*', 'a?', 'a[b]']) expect(await list(index)).toEqual([`${index}/1`]);
    });

    test('holds what the last commit put, and not what it deleted', async () => {
      await fill(['w/1', 'w/2', 'w/3']);
      await commit({ record: undefined }, { record: 'v1', 'w/2': 'refused', 'w/0': '' }, ['w/1']);
      const held = [put('w/0', ''), put('w/2', 'refused'), put('w/3')];
      expect(await store.range('w', { limit: 10 })).toEqual(held);
    });

    test.each([false, true])('lists every key exactly once, page by page (reverse: %s)', async (reverse) => {
      const all = times(57, (i) => `page/${String(i).padStart(3, '0')}`);
      await fill(all);
      const listed: string[] = [];
      for (let size = 10; size === 10; ) {
        const page = await list('page', { limit: 10, reverse, after: listed.at(-1) });
        listed.push(...page);
        size = page.length;
      }
      expect(listed).toEqual(reverse ? all.reverse() : all);
    });

    test('is whole while others put and delete its keys: a page is short only at the end', async () => {
      const all = times(30, (i) => `w/${String(i).padStart(3, '0')}`);
      await fill(all);
      const changes = all.slice(0, 20).map((key) => deleteRecord(store, key));
      const pages = await Promise.all(times(20, () => store.range('w', { limit: 10 })));
      for (const page of pages) expect(page).toHaveLength(10);
      await Promise.all(changes);
    });
  });

  test('a store that can be trusted has no fault', async () => {
    expect(await store.fault()).toBeUndefined();
  });

  test('any sequence of commits leaves what the same sequence leaves in a Map', async () => {
    const names = ['r/1', 'r/2', 'r/2/x', 'r-2/1', 'r0', 'r/é', 'r/😀', 'r/\uFF5E'];
    const key = fc.constantFrom(...names);
    const raw = fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.string({ unit: 'grapheme' }).filter(storable));
    const asHeld = Symbol('what it holds');
    const step = fc.record({
      key,
      expects: fc.oneof(
        { weight: 4, arbitrary: fc.constant(asHeld) },
        { weight: 1, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: raw },
      ),
      puts: fc.dictionary(key, raw, { maxKeys: 4, noNullPrototype: true }),
      deletes: fc.uniqueArray(key, { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        await commit({}, {}, names);
        const model = new Map<string, string>();
        for (const { key, expects, puts, deletes } of steps) {
          const held = model.get(key);
          const previousRaw = typeof expects === 'symbol' ? held : expects;
          const deletedKeys = deletes.filter((name) => !(name in puts));
          const done = await commit({ [key]: previousRaw }, puts, deletedKeys);
          expect(done).toBe(previousRaw === held);
          if (!done) continue;
          for (const name of deletedKeys) model.delete(name);
          for (const [name, text] of Object.entries(puts)) model.set(name, text);
        }
        expect(await getAll(...names)).toEqual(names.map((name) => model.get(name)));
        const listed = sortByBytes([...model.keys()].filter((name) => name.startsWith('r/')));
        expect(await list('r')).toEqual(listed);
        expect(await listBackwards('r')).toEqual(listed.reverse());
      }),
      { numRuns: 40 },
    );
  });
}
