export interface Compared {
  key: string;
  /** What the key must hold for anything to be written; undefined: it must be absent. */
  previousRaw: string | undefined;
}

/** What is compared, and what is written if nothing of it has changed. */
export interface Commit extends Compared {
  /** Other records to compare. */
  also?: Compared | readonly Compared[];
  puts: readonly { key: string; raw: string }[];
  deletes: readonly string[];
  /** In milliseconds by the store's clock: a commit that begins later is not made, however late it arrives. */
  deadline?: number;
}

export interface RangeOptions {
  /** A key: only keys beyond it. */
  after?: string;
  limit: number;
  reverse?: boolean;
}

/**
 * Records by key. Every method rejects with a StoreError when the store failed. Keyv takes it as a storage adapter:
 * `set` to `iterator`, `opts` and `namespace` are for Keyv, the product writes by commits only.
 */
export interface RecordStore {
  get(key: string): Promise<string | undefined>;
  getMany(keys: readonly string[]): Promise<(string | undefined)[]>;
  has(key: string): Promise<boolean>;
  set(key: string, raw: string): Promise<void>;
  /** False: the key was absent. */
  delete(key: string): Promise<boolean>;
  /** False: all keys were absent. */
  deleteMany(keys: readonly string[]): Promise<boolean>;
  /** Deletes the records whose keys begin with `namespace:`; all of them without a namespace. */
  clear(): Promise<void>;
  iterator(namespace?: string): AsyncGenerator<[key: string, raw: string], void>;
  opts: { dialect: string; url: string };
  /** Set by Keyv. */
  namespace?: string | undefined;

  /**
   * All or nothing, on disk when it resolves: true if `key` and `also` still held what was read. Rejects with a
   * StoreError when the store failed, with a DeadlineError when it was too late: nothing was written then.
   */
  commit(commit: Commit): Promise<boolean>;
  /** Keys that begin with `index/`, in byte order. */
  range(index: string, options: RangeOptions): Promise<string[]>;
  /** The first entries of an index with what they hold, in byte order. */
  entries(index: string, limit: number): Promise<{ key: string; raw: string }[]>;
  /** Why the store cannot be trusted although it answers, in half a sentence, for `/readyz`. */
  fault(): Promise<string | undefined>;
  disconnect(): Promise<void>;
}

/** All that a commit compares. */
export function listCompared({
  key,
  previousRaw,
  also,
}: Pick<Commit, 'key' | 'previousRaw' | 'also'>): Compared[] {
  return [{ key, previousRaw }, ...(also ? [also].flat() : [])];
}

/** How the keys of a namespace begin. */
export function buildNamespacePrefix(namespace: string | undefined): string {
  return namespace === undefined ? '' : `${namespace}:`;
}
