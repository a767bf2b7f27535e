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
  return {
    get: (key: string) => held.get(key),
    keys: () => held.keys(),
    commit({ compare, puts, deletes, deadline }: Commit): boolean {
      if (deadline !== undefined && now() > deadline) throw new DeadlineError();
      if (compare.some(({ key, previousRaw }) => held.get(key) !== previousRaw)) return false;
      for (const gone of deletes) held.delete(gone);
      for (const put of puts) held.set(put.key, put.raw);
      return true;
    },
    range(index: string, { after, limit, reverse }: RangeOptions): RawRecord[] {
      const keys = [...held.keys()].filter((key) => key.startsWith(`${index}/`)).sort(byBytes);
      if (reverse) keys.reverse();
      const isBeyond = (key: string) =>
        after === undefined || (reverse ? byBytes(key, after) < 0 : byBytes(key, after) > 0);
      const listed = keys.filter(isBeyond).slice(0, limit);
      return listed.map((key) => ({ key, raw: held.get(key) as string }));
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

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
