import { setImmediate } from 'node:timers/promises';

export interface RawRecord {
  key: string;
  raw: string;
}

interface ComparedRecord {
  key: string;
  /** Value that the key must hold, or nothing is written; undefined: the key must be absent. */
  previousRaw: string | undefined;
}

/** Comparisons, and the writes to make if all of them match. */
export interface Commit {
  compare: readonly ComparedRecord[];
  puts: readonly RawRecord[];
  /** Keys to delete. None of them is also in `puts`. */
  deletes: readonly string[];
  /** Deadline by the store's clock, in milliseconds. A commit that has not begun by then is not made. */
  deadline?: number | undefined;
}

export interface RangeOptions {
  /** Only keys beyond this key, in the direction of reading. */
  after?: string | undefined;
  limit: number;
  reverse?: boolean | undefined;
}

/** Records by key. Every method rejects with a StoreError if the store failed. */
export interface RecordStore {
  get(key: string): Promise<string | undefined>;
  getMany(keys: readonly string[]): Promise<(string | undefined)[]>;
  /**
   * Makes a commit, all or nothing; it is on disk when this resolves. True if all compared keys still held their values. Rejects
   * with a StoreError if the store failed, or with a DeadlineError if the commit was too late and nothing was written.
   */
  commit(commit: Commit): Promise<boolean>;
  /** Returns the records whose keys begin with `index/`, in byte order of their keys; fewer than `limit` only at the end. */
  range(index: string, options: RangeOptions): Promise<RawRecord[]>;
  /** Returns why the store cannot be trusted although it answers, in half a sentence, for `/readyz`. */
  fault(): Promise<string | undefined>;
  disconnect(): Promise<void>;
}

const PAGE_SIZE = 200;

/** Yields all records whose keys begin with `index/`. Reads page by page. */
export async function* eachRecord(
  records: RecordStore,
  index: string,
  from?: string,
): AsyncGenerator<RawRecord> {
  let after = from;
  for (;;) {
    // SQLite answers at once. Without a turn of the event loop, V8 would postpone much of its garbage collection.
    await setImmediate();
    const page = await records.range(index, { after, limit: PAGE_SIZE });
    yield* page;
    after = page.at(-1)?.key;
    if (page.length < PAGE_SIZE) return;
  }
}

/** A record store on a server, for any number of processes. */
export interface ServerRecords {
  records: RecordStore;
  /** Returns the server's time, in milliseconds since 1970. */
  serverTime: () => Promise<number>;
  /** Guarantees that the server's settings do not give, in sentences. */
  warnings: string[];
}
