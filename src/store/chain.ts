import { createHash } from 'node:crypto';
import { isObject } from '../lib/own-member.ts';

/** Where an entry of the history stands: `previous` is the hash of the entry before it, empty at the beginning. */
export interface Link {
  previous: string;
  hash: string;
}

/**
 * Entries of one history, each with the hash of what it says and of the entry before. `head`: the hash of the last entry that
 * is stored; `opening`: for the first entry of an approval, that of the approval that its run opened before.
 */
export function chainEntries<T extends object>(
  entries: readonly T[],
  { head, opening = '' }: { head: string | undefined; opening?: string | undefined },
): { entries: (T & Link)[]; head: string | undefined } {
  let last = head ?? opening;
  const chained = entries.map((entry) => {
    const linked = { ...entry, previous: last };
    last = hashEntry(linked);
    return { ...linked, hash: last };
  });
  return { entries: chained, head: chained.at(-1)?.hash ?? head };
}

/** The SHA-256 of an entry: of its JSON with sorted names, without its own hash and without what has no value. */
export function hashEntry(entry: object): string {
  const { hash: _, ...said } = entry as { hash?: unknown };
  const canonical = JSON.stringify(said, (_, value: unknown) =>
    isObject(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : value,
  );
  return createHash('sha256').update(canonical).digest('hex');
}

/** An entry as it is stored or exported. */
export interface CheckedEntry {
  /** The approval or the start that it is of. */
  subject: string;
  seq: number;
  /** Its key in the store, or its line in an export. */
  place: string;
  link: Link;
  /** The hash of what it says. */
  computed: string;
}

/** What does not fit, at the first entry where it shows. */
export interface ChainFault {
  subject: string;
  /** Undefined: the whole history is missing. */
  place?: string;
  why: 'changed' | 'missing_before' | 'twice' | 'cut_off';
}

/**
 * Checks histories, each the entries of one subject in any order. `heads`: by subject, the hash of the last entry, where its
 * record is kept. `isWhole`: they begin with their first entries. One fault per history is enough.
 */
export function findChainFaults(
  histories: ReadonlyMap<string, readonly CheckedEntry[]>,
  { heads = new Map(), isWhole }: { heads?: ReadonlyMap<string, string>; isWhole: boolean },
): ChainFault[] {
  const openings = new Set<string>();
  for (const entries of histories.values())
    for (const { seq, link } of entries) if (seq === 1) openings.add(link.hash);
  const faults: ChainFault[] = [];
  for (const [subject, unsorted] of histories) {
    const entries = unsorted.toSorted((a, b) => a.seq - b.seq);
    const fault = (why: ChainFault['why'], place?: string) =>
      faults.push({ subject, why, ...(place === undefined ? {} : { place }) });
    const wrong = entries.findIndex(
      ({ seq, link, computed }, at) =>
        link.hash !== computed ||
        (at > 0 && (seq === entries[at - 1]?.seq || link.previous !== entries[at - 1]?.link.hash)),
    );
    const [first] = entries;
    const entry = entries[wrong];
    const [last, head] = [entries.at(-1), heads.get(subject)];
    const before = first?.link.previous ?? '';
    const beginsLate = first?.seq === 1 ? before !== '' && !openings.has(before) : before !== '';
    if (first && isWhole && beginsLate) fault('missing_before', first.place);
    else if (entry && entry.link.hash !== entry.computed) fault('changed', entry.place);
    else if (entry) fault(entry.seq === entries[wrong - 1]?.seq ? 'twice' : 'missing_before', entry.place);
    else if (head !== undefined && entries.every(({ link }) => link.hash !== head))
      fault('cut_off', last?.place);
  }
  for (const subject of heads.keys()) if (!histories.has(subject)) faults.push({ subject, why: 'cut_off' });
  return faults;
}
