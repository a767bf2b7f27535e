import { DeadlineError, StoreError } from '../../src/lib/errors.ts';
import type { Commit, RangeOptions, RawRecord, RecordStore } from '../../src/store/record-store.ts';

export interface MemoryRecords {
  records: RecordStore;
  /** From now on reads or writes are refused, until `works` is called. */
  fails(what: 'writes' | 'all'): void;
  works(): void;
  /** How many writes were tried. */
  commits(): number;
}

/** Records in memory, with the compare-and-set of the real stores; `now` is their clock. */
export function holdRecords(now: () => number) {
  const held = new Map<string, string>();
  /** The keys that begin with the same word. */
  const indexes = new Map<string, { keys: Set<string>; sorted?: string[] | undefined }>();
  const indexOf = (key: string) => key.slice(0, Math.max(0, key.indexOf('/')));
  const put = (key: string, raw: string) => {
    const index = indexes.get(indexOf(key)) ?? { keys: new Set() };
    if (!held.has(key)) {
      index.keys.add(key);
      index.sorted = undefined;
      indexes.set(indexOf(key), index);
    }
    held.set(key, raw);
  };
  const remove = (key: string) => {
    const index = indexes.get(indexOf(key));
    if (!held.delete(key) || !index) return;
    index.keys.delete(key);
    index.sorted = undefined;
  };
  const sort = (name: string) => {
    const index = indexes.get(name);
    if (!index) return [];
    index.sorted ??= [...index.keys].sort(byBytes);
    return index.sorted;
  };
  return {
    get: (key: string) => held.get(key),
    keys: () => held.keys(),
    /** Of one index, in any order. */
    keysOf: (index: string): Iterable<string> => indexes.get(index)?.keys ?? [],
    commit({ compare, puts, deletes, deadline }: Commit): boolean {
      if (deadline !== undefined && now() > deadline) throw new DeadlineError();
      if (compare.some(({ key, previousRaw }) => held.get(key) !== previousRaw)) return false;
      for (const gone of deletes) remove(gone);
      for (const { key, raw } of puts) put(key, raw);
      return true;
    },
    range(index: string, { after, limit, reverse }: RangeOptions): RawRecord[] {
      const prefix = `${index}/`;
      const sorted = sort(indexOf(prefix));
      const isBeyond = (key: string) =>
        key.startsWith(prefix) &&
        (after === undefined || (reverse ? byBytes(key, after) < 0 : byBytes(key, after) > 0));
      const keys: string[] = [];
      for (let at = 0; at < sorted.length && keys.length < limit; at += 1) {
        const key = sorted[reverse ? sorted.length - 1 - at : at] as string;
        if (isBeyond(key)) keys.push(key);
      }
      return keys.map((key) => ({ key, raw: held.get(key) as string }));
    },
  };
}

/** The same as a store that can fail; each operation takes a turn of the event loop. */
export function createMemoryRecords(now: () => number = Date.now): MemoryRecords {
  const held = holdRecords(now);
  let failing: 'writes' | 'all' | undefined;
  let commits = 0;

  const operation = async <T>(kind: 'read' | 'write', work: () => T): Promise<T> => {
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (failing === 'all' || (failing === 'writes' && kind === 'write')) {
      throw new StoreError('The memory store was told to fail.');
    }
    return work();
  };

  return {
    records: {
      get: (key) => operation('read', () => held.get(key)),
      getMany: (keys) => operation('read', () => keys.map(held.get)),
      fault: async () => undefined,
      disconnect: async () => {},
      commit(commit) {
        commits += 1;
        return operation('write', () => held.commit(commit));
      },
      range: (index, options) => operation('read', () => held.range(index, options)),
    },
    fails: (what) => {
      failing = what;
    },
    works: () => {
      failing = undefined;
    },
    commits: () => commits,
  };
}

/** The bytes of UTF-8 have the order of the characters, except for those beyond U+FFFF. */
function byBytes(a: string, b: string): number {
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

const SURROGATE = /[\ud800-\udfff]/;
