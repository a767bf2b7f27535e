import type { CheckedEntry, EntriesOfSubjects } from './chain.ts';
import { buildFactKey } from './keys.ts';

/** The parts of an entry that cannot be derived from other entries. */
interface CompactEntry {
  seq: number;
  at: number;
  hash: string;
  /** Undefined: the hash of the entry that was added before this one. */
  previous: string | undefined;
  /** Undefined: the key that follows from the time and the number. */
  place: string | undefined;
  /** Parts that few entries have. */
  more: Pick<CheckedEntry, 'run' | 'follows' | 'wrong'> | undefined;
}

/** Holds entries by subject, in little memory: a check holds all entries of a store. */
export class EntriesBySubject implements EntriesOfSubjects {
  readonly #entries = new Map<string, CompactEntry[]>();

  add({ subject, seq, at, place, link: { hash, previous }, run, follows, wrong }: CheckedEntry): void {
    const entries = this.#entries.get(subject) ?? [];
    if (entries.length === 0) this.#entries.set(subject, entries);
    entries.push({
      seq,
      at,
      hash,
      previous: previous === entries.at(-1)?.hash ? undefined : previous,
      place: place === buildFactKey(subject, { at, seq }) ? undefined : place,
      more: (run ?? follows ?? wrong) ? { run, follows, wrong } : undefined,
    });
  }

  /** Number of entries. */
  get count(): number {
    let count = 0;
    for (const { length } of this.#entries.values()) count += length;
    return count;
  }

  /** Number of histories. */
  get size(): number {
    return this.#entries.size;
  }

  /** Counts the histories without a first entry. */
  countWithoutFirst(): number {
    let count = 0;
    for (const entries of this.#entries.values()) if (entries.every(({ seq }) => seq !== 1)) count += 1;
    return count;
  }

  has(subject: string): boolean {
    return this.#entries.has(subject);
  }

  get(subject: string): CheckedEntry[] | undefined {
    const entries = this.#entries.get(subject);
    return entries && expandEntries(subject, entries);
  }

  *values(): MapIterator<CheckedEntry[]> {
    for (const [subject, entries] of this.#entries) yield expandEntries(subject, entries);
  }

  *[Symbol.iterator](): MapIterator<[string, CheckedEntry[]]> {
    for (const [subject, entries] of this.#entries) yield [subject, expandEntries(subject, entries)];
  }
}

function expandEntries(subject: string, entries: readonly CompactEntry[]): CheckedEntry[] {
  let previousHash = '';
  return entries.map(({ seq, at, hash, previous = previousHash, place, more }) => {
    previousHash = hash;
    const entryPlace = place ?? buildFactKey(subject, { at, seq });
    const { run, follows, wrong } = more ?? {};
    return { subject, seq, at, place: entryPlace, link: { hash, previous }, run, follows, wrong };
  });
}
