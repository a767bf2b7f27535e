import { setImmediate } from 'node:timers/promises';

export interface RawRecord {
  key: string;
  raw: string;
}

interface Compared {
  key: string;
  /** What the key must hold for anything to be written; undefined: it must be absent. */
  previousRaw: string | undefined;
}

/** What is compared, and what is written if nothing of it has changed. */
export interface Commit {
  compare: readonly Compared[];
  puts: readonly RawRecord[];
  /** None of the keys that are put. */
  deletes: readonly string[];
  /** In milliseconds by the store's clock: a commit that begins later is not made, however late it arrives. */
  deadline?: number | undefined;
}

export interface RangeOptions {
  /** A key: only keys beyond it. */
  after?: string | undefined;
  limit: number;
  reverse?: boolean | undefined;
}

/** Records by key. Every method rejects with a StoreError when the store failed. */
export interface RecordStore {
  get(key: string): Promise<string | undefined>;
  getMany(keys: readonly string[]): Promise<(string | undefined)[]>;
  /**
   * All or nothing, on disk when it resolves: true if all that is compared still held what was read. Rejects with a
   * StoreError when the store failed, with a DeadlineError when it was too late: nothing was written then.
   */
  commit(commit: Commit): Promise<boolean>;
  /** The records whose keys begin with `index/`, in byte order of their keys; fewer than `limit` only at the end. */
  range(index: string, options: RangeOptions): Promise<RawRecord[]>;
  /** Why the store cannot be trusted although it answers, in half a sentence, for `/readyz`. */
  fault(): Promise<string | undefined>;
  disconnect(): Promise<void>;
}

const PAGE = 200;

/** All records whose keys begin with `index/`, page by page. */
export async function* eachRecord(
  records: RecordStore,
  index: string,
  from?: string,
): AsyncGenerator<RawRecord> {
  let after = from;
  for (;;) {
    // SQLite answers at once: without a turn of the event loop, V8 puts off much of its garbage collection.
    await setImmediate();
    const page = await records.range(index, { after, limit: PAGE });
    yield* page;
    after = page.at(-1)?.key;
    if (page.length < PAGE) return;
  }
}

/** A record store on a server, for any number of processes. */
export interface ServerRecords {
  records: RecordStore;
  /** Milliseconds since 1970. */
  serverTime: () => Promise<number>;
  /** What the server's settings do not guarantee, in sentences. */
  warnings: string[];
}
