import type { CheckedEntry, EntriesOfSubjects } from './chain.ts';
import { buildFactKey } from './keys.ts';

/** What of an entry does not follow from others. */
interface Kept {
  seq: number;
  at: number;
  hash: string;
  /** Undefined: the hash of the entry that was added before it. */
  previous: string | undefined;
  /** Undefined: where its time and its number belong. */
  place: string | undefined;
  /** What few entries have. */
  more: Pick<CheckedEntry, 'run' | 'follows' | 'wrong'> | undefined;
}

/** Entries by their subjects, in little memory: a check holds all entries of a store. */
export class EntriesBySubject implements EntriesOfSubjects {
  readonly #kept = new Map<string, Kept[]>();

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

  /** Of entries. */
  get count(): number {
    let count = 0;
    for (const { length } of this.#kept.values()) count += length;
    return count;
  }

  /** Of histories. */
  get size(): number {
    return this.#kept.size;
  }

  /** How many histories have no first entry. */
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

function readKept(subject: string, kept: readonly Kept[]): CheckedEntry[] {
  let before = '';
  return kept.map(({ seq, at, hash, previous = before, place, more }) => {
    before = hash;
    const written = place ?? buildFactKey(subject, { at, seq });
    const { run, follows, wrong } = more ?? {};
    return { subject, seq, at, place: written, link: { hash, previous }, run, follows, wrong };
  });
}
