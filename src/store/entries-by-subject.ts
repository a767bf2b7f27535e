import type { CheckedEntry, EntriesOfSubjects } from './chain.ts';
import { buildFactKey } from './keys.ts';

/** The parts of an entry that cannot be derived from other entries. */
interface KeptEntry {
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
  readonly #kept = new Map<string, KeptEntry[]>();

  add({ subject, seq, at, place, link: { hash, previous }, run, follows, wrong }: CheckedEntry): void {
    const kept = this.#kept.get(subject) ?? [];
    if (kept.length === 0) this.#kept.set(subject, kept);
    kept.push({
      seq,
      at,
      hash,
      previous: previous === kept.at(-1)?.hash ? undefined : previous,
      place: place === buildFactKey(subject, { at, seq }) ? undefined : place,
      more: (run ?? follows ?? wrong) ? { run, follows, wrong } : undefined,
    });
  }

  /** Number of entries. */
  get count(): number {
    let count = 0;
    for (const { length } of this.#kept.values()) count += length;
    return count;
  }

  /** Number of histories. */
  get size(): number {
    return this.#kept.size;
  }

  /** Counts the histories without a first entry. */
  countLate(): number {
    let count = 0;
    for (const kept of this.#kept.values()) if (kept.every(({ seq }) => seq !== 1)) count += 1;
    return count;
  }

  has(subject: string): boolean {
    return this.#kept.has(subject);
  }

  get(subject: string): CheckedEntry[] | undefined {
    const kept = this.#kept.get(subject);
    return kept && readKept(subject, kept);
  }

  *values(): MapIterator<CheckedEntry[]> {
    for (const [subject, kept] of this.#kept) yield readKept(subject, kept);
  }

  *[Symbol.iterator](): MapIterator<[string, CheckedEntry[]]> {
    for (const [subject, kept] of this.#kept) yield [subject, readKept(subject, kept)];
  }
}

function readKept(subject: string, kept: readonly KeptEntry[]): CheckedEntry[] {
  let before = '';
  return kept.map(({ seq, at, hash, previous = before, place, more }) => {
    before = hash;
    const written = place ?? buildFactKey(subject, { at, seq });
    const { run, follows, wrong } = more ?? {};
    return { subject, seq, at, place: written, link: { hash, previous }, run, follows, wrong };
  });
}
