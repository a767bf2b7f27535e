import { hash } from 'node:crypto';
import { z } from 'zod';
import { factSchema } from '../approval/model/approval.ts';
import { isObject } from '../lib/own-member.ts';

/** An entry of the history: a fact of an approval or of the start of a run. */
export const entrySchema = factSchema.extend({
  approval: z.string(),
  crew: z.string(),
  execution: z.string(),
  task: z.string().optional(),
  /** The start of a run: it belongs to no approval. */
  kickoff: z.string().optional(),
  /** The hash of the entry before it. */
  previous: z.string().optional(),
  /** Of the first entry of an approval: when the approval before it in its run was opened. */
  follows: z.number().optional(),
  hash: z.string().optional(),
  /** The hash of the record that it was written with (record-checks.ts). */
  record: z.string().optional(),
});
export type HistoryEntry = z.infer<typeof entrySchema>;

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
  const sorted = sortNames(entry) as { hash?: unknown };
  delete sorted.hash;
  return hash('sha256', JSON.stringify(sorted));
}

/** The value with the names of its objects sorted. Sorting in the replacer of JSON.stringify takes three times as long. */
function sortNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortNames);
  if (!isObject(value)) return value;
  const sorted: Record<string, unknown> = Object.create(null);
  for (const name of Object.keys(value).sort()) sorted[name] = sortNames(value[name]);
  return sorted;
}

/** An entry as it is stored or exported. */
export interface CheckedEntry {
  /** The approval or the start that it is of. */
  subject: string;
  /** Of a first entry: its run. */
  run?: string | undefined;
  seq: number;
  at: number;
  /** Its key in the store, or its line in an export. */
  place: string;
  link: Link;
  /** Of the first entry of an approval: when the approval before it in its run was opened. */
  follows?: number | undefined;
  /** What is wrong with it alone. */
  wrong: 'changed' | 'moved' | 'text_changed' | undefined;
}

/** What does not fit, at the first entry where it shows. */
export interface ChainFault {
  /** An approval, a start, a run or a key. */
  subject: string;
  /** Undefined: the whole history is missing. */
  place?: string | undefined;
  why:
    | NonNullable<CheckedEntry['wrong']>
    | 'missing_before'
    | 'approval_missing'
    | 'twice'
    | 'appended'
    | 'cut_off'
    | 'newest_missing'
    | 'opened_twice'
    | 'opened_after';
}

/** Which entries are there: all of a store, those of an export since some time, or those of some histories. */
export type Extent = 'whole' | 'export' | 'part';

/** Histories, each the entries of one subject in any order. */
export type EntriesOfSubjects = Pick<
  ReadonlyMap<string, readonly CheckedEntry[]>,
  'get' | 'has' | 'values' | typeof Symbol.iterator
>;

interface Checked {
  /** By subject, the hash of the last entry, where its record is kept. */
  heads: ReadonlyMap<string, string>;
  /** By run, the hash of the first entry of the approval that it opened last. */
  opened: ReadonlyMap<string, string>;
  /** Only those of a whole store begin with their first entries. */
  extent: Extent;
  /** Places that were seen before the records were read: newer entries prove nothing. Undefined: nobody writes. */
  known?: ReadonlySet<string> | undefined;
}

type Found = Omit<ChainFault, 'subject'> | undefined;

/** Checks histories. One fault per history is enough. */
export function findChainFaults(
  histories: EntriesOfSubjects,
  { heads, opened, extent, known }: Checked,
): ChainFault[] {
  const isWhole = extent === 'whole';
  const faults: ChainFault[] = [];
  const openings = new Map<string, CheckedEntry>();
  for (const entries of histories.values())
    for (const entry of entries) if (entry.seq === 1) openings.set(entry.link.hash, entry);
  // Of some histories, those of the same run may be left out.
  const isMissing = extent === 'part' ? () => false : createOpeningCheck(histories, openings, isWhole);
  for (const [subject, all] of histories) {
    const head = heads.get(subject);
    const entries = known ? keepCertain(all, head, known) : all;
    const fault = entries.length > 0 ? findFault(entries, { head, isWhole, isMissing }) : undefined;
    if (fault) faults.push({ subject, ...fault });
  }
  for (const subject of heads.keys()) if (!histories.has(subject)) faults.push({ subject, why: 'cut_off' });
  for (const [run, hash] of opened)
    if (!openings.has(hash)) faults.push({ subject: run, why: 'newest_missing' });
  return [...faults, ...findOpenedBeside([...openings.values()], new Set(opened.values()), known)];
}

/** Each approval follows another one of its run, and none follows the one that the run opened last. */
function findOpenedBeside(
  openings: readonly CheckedEntry[],
  last: ReadonlySet<string>,
  known: ReadonlySet<string> | undefined,
): ChainFault[] {
  const followed = new Set<string>();
  return openings
    .filter(({ link }) => link.previous !== '')
    .toSorted((a, b) => a.at - b.at)
    .flatMap(({ subject, place, link: { previous } }): ChainFault[] => {
      const isSecond = followed.has(previous);
      followed.add(previous);
      if (isSecond) return [{ subject, place, why: 'opened_twice' }];
      const isAfter = last.has(previous) && (!known || known.has(place));
      return isAfter ? [{ subject, place, why: 'opened_after' }] : [];
    });
}

/**
 * Whether the approval before a first entry is missing. An export may begin after it was opened, unless it has an earlier one of
 * the same run, or entries from before.
 */
function createOpeningCheck(
  histories: EntriesOfSubjects,
  openings: ReadonlyMap<string, CheckedEntry>,
  isWhole: boolean,
): (entry: CheckedEntry) => boolean {
  let begin = Number.POSITIVE_INFINITY;
  for (const entries of histories.values()) for (const { at } of entries) begin = Math.min(begin, at);
  const firsts = new Map<string, number>();
  for (const { run = '', at } of openings.values())
    firsts.set(run, Math.min(at, firsts.get(run) ?? Number.POSITIVE_INFINITY));
  return ({ link: { previous }, follows, run = '', at }) => {
    if (previous === '' || openings.has(previous)) return false;
    return isWhole || (follows ?? Number.NEGATIVE_INFINITY) >= begin || (firsts.get(run) ?? at) < at;
  };
}

/** Entries up to the last one that the record knew, and those that were seen before the record was read. */
function keepCertain(
  entries: readonly CheckedEntry[],
  head: string | undefined,
  known: ReadonlySet<string>,
): readonly CheckedEntry[] {
  const isSeen = entries.some(({ place }) => known.has(place));
  if (head === undefined) return isSeen ? entries : [];
  const byHash = new Map(entries.map((entry) => [entry.link.hash, entry]));
  const before = new Set<CheckedEntry>();
  for (let entry = byHash.get(head); entry && !before.has(entry); entry = byHash.get(entry.link.previous))
    before.add(entry);
  const kept = entries.filter((entry) => before.has(entry) || known.has(entry.place));
  return kept.length > 0 ? kept : entries;
}

function findFault(
  unsorted: readonly CheckedEntry[],
  {
    head,
    isWhole,
    isMissing,
  }: {
    head: string | undefined;
    isWhole: boolean;
    isMissing: (entry: CheckedEntry) => boolean;
  },
): Found {
  const entries = unsorted.toSorted((a, b) => a.seq - b.seq || a.at - b.at);
  const hashes = new Set(entries.map(({ link }) => link.hash));
  const followers = new Map<string, CheckedEntry>();
  const roots: CheckedEntry[] = [];
  for (const entry of entries) {
    const { previous } = entry.link;
    const isRoot = !hashes.has(previous);
    if (isRoot) roots.push(entry);
    else if (followers.has(previous)) return { why: 'twice', place: entry.place };
    else followers.set(previous, entry);
  }
  if (hashes.size < entries.length) return { why: 'twice', place: entries.at(-1)?.place };
  const wrong = entries.find((entry) => entry.wrong);
  if (wrong?.wrong) return { why: wrong.wrong, place: wrong.place };
  // An approval whose record was deleted can be opened again.
  const generations = roots.toSorted((a, b) => a.at - b.at).map((root) => follow(root, followers));
  for (const [index, [root]] of generations.entries()) {
    if (!root) continue;
    const { seq, place, at } = root;
    if (seq !== 1 && (isWhole || index > 0)) return { why: 'missing_before', place };
    if (seq === 1 && isMissing(root)) return { why: isWhole ? 'missing_before' : 'approval_missing', place };
    if (at < (generations[index - 1]?.at(-1)?.at ?? at)) return { why: 'twice', place };
  }
  const last = generations.at(-1) ?? [];
  const place = last.at(-1)?.place;
  if (head === undefined || last.at(-1)?.link.hash === head) return undefined;
  const next = followers.get(head);
  return next ? { why: 'appended', place: next.place } : { why: 'cut_off', place };
}

function follow(root: CheckedEntry, followers: ReadonlyMap<string, CheckedEntry>): CheckedEntry[] {
  const entries = [root];
  for (let next = followers.get(root.link.hash); next; next = followers.get(next.link.hash))
    entries.push(next);
  return entries;
}
