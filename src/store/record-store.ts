import type { KeyvStoreAdapter } from 'keyv';

export interface Compared {
  key: string;
  /** What it must hold for anything to be written; undefined: it must be absent. */
  previousRaw: string | undefined;
}

/** What is compared, and what is written if it is still so. */
export interface Commit extends Compared {
  /** Other records that are compared too. */
  also?: Compared | readonly Compared[];
  puts: readonly { key: string; raw: string }[];
  deletes: readonly string[];
  /** In milliseconds by the store's clock: a commit that has not begun by then is not made, however late it arrives. */
  deadline?: number;
}

/** A Keyv storage adapter that can also change several keys at once and list keys in order. */
export type RecordStore = KeyvStoreAdapter & {
  /**
   * All or nothing, on disk when it resolves: true if `key` still held `previousRaw`, and so did `also`. Rejects with a StoreError when
   * the store failed, with a DeadlineError when it was too late: nothing was written then.
   */
  commit(commit: Commit): Promise<boolean>;
  /** Keys that begin with `index/`, in byte order, those beyond `after` (a key), at most `limit`. Rejects with a StoreError. */
  range(index: string, page: { after?: string; limit: number; reverse?: boolean }): Promise<string[]>;
  /** The first entries of an index with what they hold, in byte order. Rejects with a StoreError. */
  entries(index: string, limit: number): Promise<{ key: string; raw: string }[]>;
  /** What keeps the store from being trusted although it answers, in half a sentence: `/readyz` tells it. */
  fault(): Promise<string | undefined>;
  disconnect(): Promise<void>;
};

/** All that a commit compares. */
export function listCompared({
  key,
  previousRaw,
  also,
}: Pick<Commit, 'key' | 'previousRaw' | 'also'>): Compared[] {
  return [{ key, previousRaw }, ...(also ? [also].flat() : [])];
}
