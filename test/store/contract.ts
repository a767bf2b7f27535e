import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RecordStore } from '../../src/store/record-store.ts';
import { deleteRecord, listKeys, putRecord } from '../support/records.ts';

const ODD_TEXTS = {
  'a NUL': 'before\u0000after',
  'an emoji': 'sparkles ✨ and a family 👩‍👩‍👧',
  quotes: `'single' "double" \`back\` \\ $1 %s ; --`,
  'line breaks': 'one\ntwo\r\nthree\u2028four',
  'characters of many scripts': 'ß 漢字 العربية \u{10FFFF}',
} as const;

/**
 * What every RecordStore does, whatever is behind it. `open` gives an empty store, connected to what no other test
 * uses; the suite disconnects it.
 */
export function recordStoreContract(
  open: () => RecordStore | Promise<RecordStore>,
  { holdsNul = true }: { holdsNul?: boolean } = {},
): void {
  // What the product stores holds none: keys are percent-encoded, values are JSON.
  const oddTexts = Object.entries(ODD_TEXTS).filter(([, text]) => holdsNul || !text.includes('\u0000'));
  const storable = (text: string) => holdsNul || !text.includes('\u0000');
  let store: RecordStore;

  beforeEach(async () => {
    store = await open();
  });
  afterEach(async () => {
    await store.disconnect();
  });

  const get = async (key: string) => await store.get(key);
  const has = async (key: string) => (await store.get(key)) !== undefined;
  const put = (key: string, raw = `raw of ${key}`) => ({ key, raw });
  const commit = (key: string, previousRaw: string | undefined, raw: string) =>
    store.commit({ compare: [{ key, previousRaw }], puts: [{ key, raw }], deletes: [] });
  const fill = async (keys: readonly string[]) => {
    await Promise.all(keys.map((key) => putRecord(store, key, `raw of ${key}`)));
  };

  describe('one key', () => {
    test('a key that was never set is absent', async () => {
      expect(await get('record')).toBeUndefined();
      expect(await has('record')).toBe(false);
      await deleteRecord(store, 'record');
    });

    test('what is set is read back, replaced by what is set later, and gone once deleted', async () => {
      await putRecord(store, 'record', 'first');
      expect(await get('record')).toBe('first');
      expect(await has('record')).toBe(true);
      await putRecord(store, 'record', 'second');
      expect(await get('record')).toBe('second');
      await deleteRecord(store, 'record');
      expect(await get('record')).toBeUndefined();
      expect(await has('record')).toBe(false);
    });

    test('of several writes at once one is there, whole, for whoever reads after they resolved', async () => {
      const texts = ['a', 'b', 'c'].map((letter) => letter.repeat(10_000));
      await Promise.all(texts.map((text) => putRecord(store, 'record', text)));
      expect(texts).toContain(await get('record'));
      await putRecord(store, 'record', 'd');
      expect(await get('record')).toBe('d');
    });

    test.each(oddTexts)('a key with %s is a key like another', async (_, text) => {
      await putRecord(store, `odd/${text}`, 'here');
      expect(await get(`odd/${text}`)).toBe('here');
      expect(await has(`odd/${text}`)).toBe(true);
      expect(await get(`odd/${text.slice(0, 6)}`)).toBeUndefined();
      expect(await listKeys(store, 'odd', { limit: 10 })).toEqual([`odd/${text}`]);
      expect(await commit(`odd/${text}`, 'here', 'replaced')).toBe(true);
      expect(await get(`odd/${text}`)).toBe('replaced');
      await deleteRecord(store, `odd/${text}`);
      expect(await get(`odd/${text}`)).toBeUndefined();
    });

    test.each(oddTexts)('a value with %s comes back as it was', async (_, text) => {
      await putRecord(store, 'record', text);
      expect(await get('record')).toBe(text);
      expect(await commit('record', text, `${text} again`)).toBe(true);
      expect(await get('record')).toBe(`${text} again`);
    });

    test('a value of 1 MiB comes back as it was, and is compared whole', async () => {
      const large = 'x'.repeat(2 ** 20);
      await putRecord(store, 'record', large);
      expect((await get('record')) === large).toBe(true);
      expect(await commit('record', `${large.slice(0, -1)}y`, 'other')).toBe(false);
      expect(await commit('record', large, 'other')).toBe(true);
      expect(await get('record')).toBe('other');
    });

    test('an empty value is a value', async () => {
      await putRecord(store, 'record', '');
      expect(await has('record')).toBe(true);
      expect(await commit('record', undefined, 'new')).toBe(false);
      expect(await commit('record', '', 'new')).toBe(true);
    });
  });

  describe('a commit', () => {
    test('puts and deletes all of its keys when the record is as it was read', async () => {
      await putRecord(store, 'record', 'v1');
      await putRecord(store, 'index/old', '1');
      const done = await store.commit({
        compare: [{ key: 'record', previousRaw: 'v1' }],
        puts: [put('record', 'v2'), put('index/new', '1'), put('output', 'text')],
        deletes: ['index/old', 'never-was-there'],
      });
      expect(done).toBe(true);
      expect(await Promise.all(['record', 'index/new', 'output', 'index/old'].map(get))).toEqual([
        'v2',
        '1',
        'text',
        undefined,
      ]);
    });

    test('can compare a second record, and writes only if both are as they were read', async () => {
      await putRecord(store, 'run', 'r1');
      const commit = (previousRaw: string | undefined, second: string | undefined) =>
        store.commit({
          compare: [
            { key: 'run', previousRaw },
            { key: 'record', previousRaw: second },
          ],
          puts: [put('run', 'r2'), put('record', 'v1')],
          deletes: [],
        });
      expect(await commit('r0', undefined)).toBe(false);
      expect(await commit('r1', 'v0')).toBe(false);
      expect(await get('record')).toBeUndefined();
      expect(await commit('r1', undefined)).toBe(true);
      expect(await Promise.all(['run', 'record'].map(get))).toEqual(['r2', 'v1']);
      expect(await commit('r2', undefined)).toBe(false);
      expect(await commit('r2', 'v1')).toBe(true);
    });

    test('compares a second record with what is written meanwhile, and none waits for another for ever', async () => {
      const put2 = (key: string, also: string, raw: string) =>
        store.commit({
          compare: [
            { key, previousRaw: undefined },
            { key: also, previousRaw: undefined },
          ],
          puts: [put(key, raw), put(also, raw)],
          deletes: [],
        });
      const each = Array.from({ length: 20 }, (_, n) =>
        n % 2 === 0 ? put2('a', 'b', String(n)) : put2('b', 'a', String(n)),
      );
      const won = (await Promise.all(each)).flatMap((done, n) => (done ? [n] : []));
      expect(won).toHaveLength(1);
      expect(await Promise.all(['a', 'b'].map(get))).toEqual([String(won[0]), String(won[0])]);

      const others = Array.from({ length: 20 }, (_, n) => put2(`key/${n}`, 'one', String(n)));
      expect((await Promise.all(others)).filter((done) => done)).toHaveLength(1);
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
      const done = await store.commit({
        compare: [{ key: 'record', previousRaw }],
        puts: [put('record', 'v2'), put('index/new', '1')],
        deletes: ['index/old'],
      });
      expect(done).toBe(false);
      expect(await get('record')).toBe(held);
      expect(await get('index/new')).toBeUndefined();
      expect(await get('index/old')).toBe('1');
    });

    test('creates a record that is absent, once', async () => {
      expect(await commit('record', undefined, 'v1')).toBe(true);
      expect(await commit('record', undefined, 'v1')).toBe(false);
      expect(await get('record')).toBe('v1');
    });

    test('can compare one key and write others, or delete the record itself', async () => {
      await putRecord(store, 'record', 'v1');
      const written = { compare: [{ key: 'record', previousRaw: 'v1' }], puts: [put('beside')], deletes: [] };
      expect(await store.commit(written)).toBe(true);
      expect([await get('record'), await get('beside')]).toEqual(['v1', 'raw of beside']);
      expect(await store.commit({ ...written, puts: [], deletes: ['record'] })).toBe(true);
      expect(await get('record')).toBeUndefined();
    });

    test.each([
      ['absent', undefined],
      ['present', 'v1'],
    ])('wins exactly once when 50 race for one record that is %s', async (_, held) => {
      if (held !== undefined) await putRecord(store, 'record', held);
      const done = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          store.commit({
            compare: [{ key: 'record', previousRaw: held }],
            puts: [put('record', `winner ${i}`), put(`trace/${i}`)],
            deletes: [],
          }),
        ),
      );
      expect(done.filter(Boolean)).toHaveLength(1);
      const winner = done.indexOf(true);
      expect(await get('record')).toBe(`winner ${winner}`);
      expect(await listKeys(store, 'trace', { limit: 50 })).toEqual([`trace/${winner}`]);
    });

    test('wins on every one of 50 different records at once', async () => {
      const keys = Array.from({ length: 50 }, (_, i) => `record/${i}`);
      expect(await Promise.all(keys.map((key) => commit(key, undefined, key)))).toEqual(keys.map(() => true));
      expect(await Promise.all(keys.map(get))).toEqual(keys);
    });

    test('loses no update when 20 read, change and write one record until they win', async () => {
      const increment = async () => {
        for (;;) {
          const raw = await get('count');
          if (await commit('count', raw, String(Number(raw ?? 0) + 1))) return;
        }
      };
      await Promise.all(Array.from({ length: 20 }, increment));
      expect(await get('count')).toBe('20');
    });

    test('after its deadline rejects and writes nothing', async () => {
      await putRecord(store, 'record', 'v1');
      const puts = [put('record', 'v2'), put('beside')];
      const late = store.commit({
        compare: [{ key: 'record', previousRaw: 'v1' }],
        puts,
        deletes: [],
        deadline: 1,
      });
      await expect(late).rejects.toMatchObject({ code: 'deadline_passed' });
      expect([await get('record'), await get('beside')]).toEqual(['v1', undefined]);
    });

    test('that comes too late takes no other commit with it', async () => {
      const write = (key: string) => ({
        compare: [{ key, previousRaw: undefined }],
        puts: [put(key)],
        deletes: [],
      });
      const [late, inTime] = await Promise.allSettled([
        store.commit({ ...write('late'), deadline: 1 }),
        store.commit({ ...write('in-time'), deadline: Date.now() + 60_000 }),
      ]);
      expect(late.status).toBe('rejected');
      expect(inTime).toEqual({ status: 'fulfilled', value: true });
      expect([await has('late'), await has('in-time')]).toEqual([false, true]);
    });
  });

  describe('a range', () => {
    const times = ['open/001/B', 'open/001/C', 'open/002/A', 'open/010/A', 'open/100/Z'];

    test('gives the keys of its index in byte order, both ways, and no value', async () => {
      await fill([...times].reverse());
      expect(await listKeys(store, 'open', { limit: 10 })).toEqual(times);
      expect(await listKeys(store, 'open', { limit: 10, reverse: true })).toEqual([...times].reverse());
    });

    test('orders by bytes, not by language, case or UTF-16', async () => {
      const keys = ['i/Z', 'i/a', 'i/z', 'i/~', 'i/ä', 'i/\uFF5E', 'i/😀', 'i/-', 'i/A', 'i/0', 'i/ ', 'i/_'];
      await fill(keys);
      const byBytes = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(await listKeys(store, 'i', { limit: 100 })).toEqual(byBytes);
      expect(await listKeys(store, 'i', { limit: 100, reverse: true })).toEqual(byBytes.reverse());
    });

    test('gives at most `limit` keys, and nothing for an index that is empty', async () => {
      await fill(times);
      expect(await listKeys(store, 'open', { limit: 2 })).toEqual(times.slice(0, 2));
      expect(await listKeys(store, 'open', { limit: 2, reverse: true })).toEqual(times.slice(-2).reverse());
      expect(await listKeys(store, 'closed', { limit: 2 })).toEqual([]);
    });

    test('goes on after a key, whether that key is still there or not', async () => {
      await fill(times);
      const after = 'open/002/A';
      expect(await listKeys(store, 'open', { after, limit: 10 })).toEqual(times.slice(3));
      expect(await listKeys(store, 'open', { after, limit: 1 })).toEqual(times.slice(3, 4));
      expect(await listKeys(store, 'open', { after, limit: 10, reverse: true })).toEqual([
        'open/001/C',
        'open/001/B',
      ]);
      await deleteRecord(store, after);
      expect(await listKeys(store, 'open', { after, limit: 10 })).toEqual(times.slice(3));
      expect(await listKeys(store, 'open', { after, limit: 1, reverse: true })).toEqual(['open/001/C']);
      expect(await listKeys(store, 'open', { after: 'open/100/Z', limit: 10 })).toEqual([]);
      expect(await listKeys(store, 'open', { after: 'open/001/B', limit: 10, reverse: true })).toEqual([]);
    });

    test('gives nothing of another index, not even of one whose name begins the same', async () => {
      const press = ['waiting/press/001/A', 'waiting/press/002/B'];
      const other = [
        'waiting',
        'waiting/pres/001/A',
        'waiting/press',
        'waiting/press-2/001/A',
        'waiting/press.x/001/A',
        'waiting/press0/001/A',
        'waiting/press2/001/A',
        'decided/press/001/A',
        'zzz',
      ];
      await fill([...press, ...other]);
      expect(await listKeys(store, 'waiting/press', { limit: 100 })).toEqual(press);
      expect(await listKeys(store, 'waiting/press', { limit: 100, reverse: true })).toEqual(
        [...press].reverse(),
      );
      expect(await listKeys(store, 'waiting/press-2', { limit: 100 })).toEqual(['waiting/press-2/001/A']);
      expect(await listKeys(store, 'waiting/press', { after: press[1] as string, limit: 100 })).toEqual([]);
      expect(
        await listKeys(store, 'waiting/press', { after: press[0] as string, limit: 100, reverse: true }),
      ).toEqual([]);
    });

    test('takes the characters of patterns literally', async () => {
      await fill(['a%/1', 'a_/1', 'ab/1', 'a*/1', 'a?/1', 'a[b]/1', 'A%/1']);
      for (const index of ['a%', 'a_', 'a*', 'a?', 'a[b]']) {
        expect(await listKeys(store, index, { limit: 100 })).toEqual([`${index}/1`]);
      }
    });

    test('shows what a commit put and no longer what it deleted', async () => {
      await fill(['open/001/A', 'open/002/B']);
      await store.commit({
        compare: [{ key: 'record', previousRaw: undefined }],
        puts: [put('record'), put('open/003/A')],
        deletes: ['open/001/A'],
      });
      expect(await listKeys(store, 'open', { limit: 10 })).toEqual(['open/002/B', 'open/003/A']);
    });

    test('lists every key exactly once, page by page', async () => {
      const keys = Array.from({ length: 57 }, (_, i) => `page/${String(i).padStart(3, '0')}`);
      await fill(keys);
      for (const reverse of [false, true]) {
        const listed: string[] = [];
        for (let after: string | undefined; ; after = listed.at(-1)) {
          const page = await listKeys(store, 'page', { limit: 10, reverse, ...(after ? { after } : {}) });
          listed.push(...page);
          if (page.length < 10) break;
        }
        expect(listed).toEqual(reverse ? [...keys].reverse() : keys);
      }
    });
  });

  describe('a range with what its keys hold', () => {
    const entries = (...keys: string[]) => keys.map((key) => ({ key, raw: `raw of ${key}` }));

    test('is given in byte order, at most `limit`, both ways', async () => {
      const keys = ['w/press/001/B', 'w/press/001/C', 'w/press/002/A', 'w/press/010/A', 'w/press/100/Z'];
      await fill([...keys].reverse());
      expect(await store.range('w/press', { limit: 100 })).toEqual(entries(...keys));
      expect(await store.range('w/press', { limit: 2 })).toEqual(entries(...keys.slice(0, 2)));
      expect(await store.range('w/press', { limit: 5 })).toEqual(entries(...keys));
      const newest = await store.range('w/press', { limit: 2, reverse: true });
      expect(newest).toEqual(entries('w/press/100/Z', 'w/press/010/A'));
    });

    test('holds what the last commit put, and what it deleted is gone', async () => {
      await fill(['w/1', 'w/2', 'w/3']);
      await store.commit({
        compare: [],
        puts: [put('record'), { key: 'w/2', raw: 'refused' }, { key: 'w/0', raw: '' }],
        deletes: ['w/1'],
      });
      expect(await store.range('w', { limit: 10 })).toEqual([
        { key: 'w/0', raw: '' },
        { key: 'w/2', raw: 'refused' },
        ...entries('w/3'),
      ]);
    });

    test('is whole while others put and delete its keys: a page is short only at the end', async () => {
      const keys = Array.from({ length: 30 }, (_, i) => `w/${String(i).padStart(3, '0')}`);
      await fill(keys);
      const changes = keys.slice(0, 20).map((key) => deleteRecord(store, key));
      const pages = Array.from({ length: 20 }, () => store.range('w', { limit: 10 }));
      for (const page of await Promise.all(pages)) expect(page).toHaveLength(10);
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
    const step = fc.record({
      key,
      expects: fc.oneof(
        { weight: 4, arbitrary: fc.constant('what it holds' as const) },
        { weight: 1, arbitrary: fc.constant('absent' as const) },
        { weight: 1, arbitrary: raw.map((text) => ({ text })) },
      ),
      puts: fc.dictionary(key, raw, { maxKeys: 4, noNullPrototype: true }),
      deletes: fc.uniqueArray(key, { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        await Promise.all(names.map((name) => deleteRecord(store, name)));
        const model = new Map<string, string>();
        for (const { key, expects, puts, deletes } of steps) {
          const held = model.get(key);
          const previousRaw =
            expects === 'what it holds' ? held : expects === 'absent' ? undefined : expects.text;
          const gone = deletes.filter((name) => !(name in puts));
          const done = await store.commit({
            compare: [{ key, previousRaw }],
            puts: Object.entries(puts).map(([name, text]) => ({ key: name, raw: text })),
            deletes: gone,
          });
          expect(done).toBe(previousRaw === held);
          if (!done) continue;
          for (const name of gone) model.delete(name);
          for (const [name, text] of Object.entries(puts)) model.set(name, text);
        }
        expect(await Promise.all(names.map(get))).toEqual(names.map((name) => model.get(name)));
        const listed = [...model.keys()]
          .filter((name) => name.startsWith('r/'))
          .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect(await listKeys(store, 'r', { limit: 100 })).toEqual(listed);
        expect(await listKeys(store, 'r', { limit: 100, reverse: true })).toEqual(listed.reverse());
      }),
      { numRuns: 40 },
    );
  });
}
