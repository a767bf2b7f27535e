import { DeadlineError, StoreError } from '../../src/lib/errors.ts';
import type { Commit, RangeOptions, RawRecord, RecordStore } from '../../src/store/record-store.ts';

export interface MemoryRecords {
  records: RecordStore;
  /** Makes reads or writes fail until `works` is called. */
  fails(what: 'writes' | 'all'): void;
  works(): void;
  /** Number of attempted writes. */
  commits(): number;
}

/** Creates records in memory with the compare-and-set of the real stores. `now`: their clock. */
export function holdRecords(now: () => number) {
  const rawByKey = new Map<string, string>();
  /** Keys by their first word. */
  const indexes = new Map<string, { keys: Set<string>; sorted?: string[] | undefined }>();
  const indexOf = (key: string) => key.slice(0, Math.max(0, key.indexOf('/')));
  const put = (key: string, raw: string) => {
    const index = indexes.get(indexOf(key)) ?? { keys: new Set() };
    if (!rawByKey.has(key)) {
      index.keys.add(key);
      index.sorted = undefined;
      indexes.set(indexOf(key), index);
    }
    rawByKey.set(key, raw);
  };
  const remove = (key: string) => {
    const index = indexes.get(indexOf(key));
    if (!rawByKey.delete(key) || !index) return;
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
    get: (key: string) => rawByKey.get(key),
    keys: () => rawByKey.keys(),
    /** Lists the keys of an index, in any order. */
    keysOf: (index: string): Iterable<string> => indexes.get(index)?.keys ?? [],
    commit({ compare, puts, deletes, deadline }: Commit): boolean {
      if (deadline !== undefined && now() > deadline) throw new DeadlineError();
      if (compare.some(({ key, previousRaw }) => rawByKey.get(key) !== previousRaw)) return false;
      for (const key of deletes) remove(key);
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
      return keys.map((key) => ({ key, raw: rawByKey.get(key) as string }));
    },
  };
}

/** Creates records in memory as a store that can fail. Each operation takes a turn of the event loop. */
export function createMemoryRecords(now: () => number = Date.now): MemoryRecords {
  const memory = holdRecords(now);
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
      get: (key) => operation('read', () => memory.get(key)),
      getMany: (keys) => operation('read', () => keys.map(memory.get)),
      fault: async () => undefined,
      disconnect: async () => {},
      commit(commit) {
        commits += 1;
        return operation('write', () => memory.commit(commit));
      },
      range: (index, options) => operation('read', () => memory.range(index, options)),
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

/** Compares keys by their UTF-8 bytes. Only characters beyond U+FFFF have another order in UTF-16. */
function byBytes(a: string, b: string): number {
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

const SURROGATE = /[\ud800-\udfff]/;
