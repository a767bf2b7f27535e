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
  /** Id of a start; its entries belong to no approval. */
  kickoff: z.string().optional(),
  /** Same as `previous` of `Link`. */
  previous: z.string().optional(),
  /** When the run's previous approval was opened; only in the first entry of an approval. */
  follows: z.number().optional(),
  hash: z.string().optional(),
  /** Hash of the sealed fields of the record (record-checks.ts); only in the last entry of a write. */
  record: z.string().optional(),
});
export type HistoryEntry = z.infer<typeof entrySchema>;

/** Place of an entry in its history. `previous`: hash of the entry before; for a first entry, `opening` of `chainEntries`. */
export interface Link {
  previous: string;
  hash: string;
}

/**
 * Chains the entries of one history: each gets the hash of its content and of the entry before. `head`: hash of the last stored
 * entry. `opening`: hash of the first entry of the run's previous approval; for the first entry of an approval.
 */
export function chainEntries<T extends object>(
  entries: readonly T[],
  { head, opening = '' }: { head: string | undefined; opening?: string | undefined },
): { entries: (T & Link)[]; head: string | undefined } {
  let lastHash = head ?? opening;
  const chainedEntries = entries.map((entry) => {
    const linked = { ...entry, previous: lastHash };
    lastHash = hashEntry(linked);
    return { ...linked, hash: lastHash };
  });
  return { entries: chainedEntries, head: chainedEntries.at(-1)?.hash ?? head };
}

/** Returns the SHA-256 of an entry: of its JSON with sorted names, without its own hash and without undefined values. */
export function hashEntry(entry: object): string {
  const sorted = sortNames(entry) as { hash?: unknown };
  delete sorted.hash;
  return hash('sha256', JSON.stringify(sorted));
}

/** Sorts the names of all objects in a value. Sorting in the replacer of JSON.stringify takes three times as long. */
function sortNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortNames);
  if (!isObject(value)) return value;
  const sorted: Record<string, unknown> = Object.create(null);
  for (const name of Object.keys(value).sort()) sorted[name] = sortNames(value[name]);
  return sorted;
}

/** An entry of the store or of an export, as the check reads it. */
export interface CheckedEntry {
  /** Id of the approval or the start. */
  subject: string;
  /** The run; only in a first entry. */
  run?: string | undefined;
  seq: number;
  at: number;
  /** The entry's key in the store, or its line in an export. */
  place: string;
  link: Link;
  /** When the run's previous approval was opened; only in the first entry of an approval. */
  follows?: number | undefined;
  /** Fault of the entry itself, without its neighbours. */
  wrong: 'changed' | 'moved' | 'text_changed' | undefined;
}

/** A fault of a history, at the first entry where it shows. */
export interface ChainFault {
  /** Id of an approval or a start, or the label of a run (`labelRun`). */
  subject: string;
  /** Place of an entry; undefined: no entry is left to point at. */
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

/** The entries at hand: all entries of a store, the entries of an export from some time on, or the entries of some histories. */
export type Extent = 'whole' | 'export' | 'part';

/** The entries of each subject, in any order. */
export type EntriesOfSubjects = Pick<
  ReadonlyMap<string, readonly CheckedEntry[]>,
  'get' | 'has' | 'values' | typeof Symbol.iterator
>;

interface EntriesToCheck {
  /** Hash of the last entry that each stored record knows, by subject. */
  heads: ReadonlyMap<string, string>;
  /** Hash of the first entry of the approval that each run opened last, by run. */
  opened: ReadonlyMap<string, string>;
  /** The entries at hand. Only the histories of a whole store must begin with their first entries. */
  extent: Extent;
  /** Places seen before the records were read: newer entries prove nothing. Undefined: all entries count. */
  known?: ReadonlySet<string> | undefined;
}

type FoundFault = Omit<ChainFault, 'subject'> | undefined;

/** Finds at most one fault per history, and faults between the histories of a run. */
export function findChainFaults(
  histories: EntriesOfSubjects,
  { heads, opened, extent, known }: EntriesToCheck,
): ChainFault[] {
  const isWhole = extent === 'whole';
  const faults: ChainFault[] = [];
  const openings = new Map<string, CheckedEntry>();
  for (const entries of histories.values())
    for (const entry of entries) if (entry.seq === 1) openings.set(entry.link.hash, entry);
  // The entries may lack other histories of the same run.
  const isMissing = extent === 'part' ? () => false : createOpeningCheck(histories, openings, isWhole);
  for (const [subject, allEntries] of histories) {
    const head = heads.get(subject);
    const entries = known ? keepCertain(allEntries, head, known) : allEntries;
    const fault = entries.length > 0 ? findFault(entries, { head, isWhole, isMissing }) : undefined;
    if (fault) faults.push({ subject, ...fault });
  }
  for (const subject of heads.keys()) if (!histories.has(subject)) faults.push({ subject, why: 'cut_off' });
  for (const [run, hash] of opened)
    if (!openings.has(hash)) faults.push({ subject: run, why: 'newest_missing' });
  return [...faults, ...findOpenedBeside([...openings.values()], new Set(opened.values()), known)];
}

/**
 * Finds approvals that were opened beside the chain of their run: two after the same approval, or one after the approval that the
 * run's record names as the last.
 */
function findOpenedBeside(
  openings: readonly CheckedEntry[],
  latestHashes: ReadonlySet<string>,
  knownPlaces: ReadonlySet<string> | undefined,
): ChainFault[] {
  const followedHashes = new Set<string>();
  return openings
    .filter(({ link }) => link.previous !== '')
    .toSorted((a, b) => a.at - b.at)
    .flatMap(({ subject, place, link: { previous } }): ChainFault[] => {
      const isSecond = followedHashes.has(previous);
      followedHashes.add(previous);
      if (isSecond) return [{ subject, place, why: 'opened_twice' }];
      const isAfter = latestHashes.has(previous) && (!knownPlaces || knownPlaces.has(place));
      return isAfter ? [{ subject, place, why: 'opened_after' }] : [];
    });
}

/**
 * Builds a check that is true if the approval before a first entry is missing. An export may begin after that approval was
 * opened, unless the export has an earlier approval of the run, or an entry that is no newer than that opening.
 */
function createOpeningCheck(
  histories: EntriesOfSubjects,
  openings: ReadonlyMap<string, CheckedEntry>,
  isWhole: boolean,
): (entry: CheckedEntry) => boolean {
  let beginsAt = Number.POSITIVE_INFINITY;
  for (const entries of histories.values()) for (const { at } of entries) beginsAt = Math.min(beginsAt, at);
  const firstOpenedAt = new Map<string, number>();
  for (const { run = '', at } of openings.values())
    firstOpenedAt.set(run, Math.min(at, firstOpenedAt.get(run) ?? Number.POSITIVE_INFINITY));
  return ({ link: { previous }, follows, run = '', at }) => {
    if (previous === '' || openings.has(previous)) return false;
    return (
      isWhole || (follows ?? Number.NEGATIVE_INFINITY) >= beginsAt || (firstOpenedAt.get(run) ?? at) < at
    );
  };
}

/**
 * Keeps the entries up to the last one that the record knew, and the entries seen before the record was read. Keeps all entries
 * if none of these is left, or if there is no record and an entry was seen before.
 */
function keepCertain(
  entries: readonly CheckedEntry[],
  head: string | undefined,
  knownPlaces: ReadonlySet<string>,
): readonly CheckedEntry[] {
  const isSeen = entries.some(({ place }) => knownPlaces.has(place));
  if (head === undefined) return isSeen ? entries : [];
  const entryByHash = new Map(entries.map((entry) => [entry.link.hash, entry]));
  const knownEntries = new Set<CheckedEntry>();
  for (
    let entry = entryByHash.get(head);
    entry && !knownEntries.has(entry);
    entry = entryByHash.get(entry.link.previous)
  )
    knownEntries.add(entry);
  const certainEntries = entries.filter((entry) => knownEntries.has(entry) || knownPlaces.has(entry.place));
  return certainEntries.length > 0 ? certainEntries : entries;
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
): FoundFault {
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
  const wrongEntry = entries.find((entry) => entry.wrong);
  if (wrongEntry?.wrong) return { why: wrongEntry.wrong, place: wrongEntry.place };
  // An approval can be opened again after its record was deleted.
  const generations = roots.toSorted((a, b) => a.at - b.at).map((root) => listGeneration(root, followers));
  for (const [index, [root]] of generations.entries()) {
    if (!root) continue;
    const { seq, place, at } = root;
    if (seq !== 1 && (isWhole || index > 0)) return { why: 'missing_before', place };
    if (seq === 1 && isMissing(root)) return { why: isWhole ? 'missing_before' : 'approval_missing', place };
    if (at < (generations[index - 1]?.at(-1)?.at ?? at)) return { why: 'twice', place };
  }
  const lastGeneration = generations.at(-1) ?? [];
  const place = lastGeneration.at(-1)?.place;
  if (head === undefined || lastGeneration.at(-1)?.link.hash === head) return undefined;
  const nextEntry = followers.get(head);
  return nextEntry ? { why: 'appended', place: nextEntry.place } : { why: 'cut_off', place };
}

function listGeneration(root: CheckedEntry, followers: ReadonlyMap<string, CheckedEntry>): CheckedEntry[] {
  const entries = [root];
  for (let next = followers.get(root.link.hash); next; next = followers.get(next.link.hash))
    entries.push(next);
  return entries;
}
