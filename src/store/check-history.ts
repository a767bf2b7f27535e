import { setImmediate } from 'node:timers/promises';
import { type Approval, approvalSchema } from '../approval/model/approval.ts';
import { readDecidedAs } from '../approval/model/facts.ts';
import { hashOutput, outputSchema } from '../approval/model/output.ts';
import { listOutputHashes } from '../approval/model/round.ts';
import { startSchema } from '../approval/model/run/start.ts';
import type { FoundEntry, HistoryCheck, HistoryFault } from '../approval/ports.ts';
import { isObject } from '../lib/own-member.ts';
import { labelRun, type ReadEntry, readEntry, readExportedEntry } from './audit.ts';
import { type Extent, findChainFaults } from './chain.ts';
import { EntriesBySubject } from './entries-by-subject.ts';
import { upgradeRecord } from './formats/formats.ts';
import { buildFactKey, buildKey, buildOutputKey, readKey } from './keys.ts';
import { listApprovalChecks, listStartChecks, type RecordCheck } from './record-checks.ts';
import { eachRecord, type RawRecord, type RecordStore } from './record-store.ts';

/** Outputs read at a time, of one or several approvals: their texts are in memory together. */
const READ_AT_ONCE = 5;

/**
 * Checks all histories in a store, even while a bot writes: faults are checked again, ignoring entries written since. `expected`:
 * hashes of entries that must exist. `see`: called with each entry, in the order of keys. Rejects with a StoreError.
 */
export async function checkStoredHistory(
  records: RecordStore,
  expected: readonly string[] = [],
  see?: (entry: FoundEntry) => void,
): Promise<HistoryCheck> {
  const { checked, doubted } = checkRead(await readHistories(records, expected, see));
  if (checked.faults.length === 0) return checked;
  return (await readHistories(records, expected)).check(doubted);
}

/** Returns only what the second reading needs, so that both readings are not in memory together. */
function checkRead(read: Histories) {
  const checked = read.check();
  const subjects = new Set(checked.faults.map(({ subject }) => subject));
  return { checked, doubted: read.listPlaces(subjects) };
}

async function readHistories(
  records: RecordStore,
  expected: readonly string[],
  see?: (entry: FoundEntry) => void,
): Promise<Histories> {
  const read = new Histories('whole', expected);
  // Records first: facts recorded meanwhile then have entries that are newer than the last entry known here.
  const waiting: NamedOutput[] = [];
  for await (const record of eachRecord(records, 'approval')) {
    const approval = read.addRecord(record, approvalSchema, (one) => ({
      checks: listApprovalChecks(one),
      until: one.factCount,
    }));
    if (approval) waiting.push(...listOutputs(approval));
    if (waiting.length >= READ_AT_ONCE) await checkOutputs(records, waiting.splice(0), read);
  }
  await checkOutputs(records, waiting, read);
  for await (const record of eachRecord(records, 'kickoff'))
    read.addRecord(record, startSchema, (start) => ({ checks: listStartChecks(start) }));
  for await (const record of eachRecord(records, 'execution')) read.addRun(record);
  for await (const record of eachRecord(records, 'result')) read.addResult(record);
  for await (const record of eachRecord(records, 'fact')) {
    const entry = readEntry(record);
    read.add(entry, record.key);
    see?.(describeFound(record.key, entry));
  }
  return read;
}

/** Describes an entry for a report or a command. */
export function describeFound(place: string, entry: ReadEntry | undefined): FoundEntry {
  if (!entry) return { place, subject: findSubject(place), wrong: 'unreadable' };
  const { checked } = entry;
  const { what, detail = '' } = entry.said;
  const isDecision = what === 'decided' || what === 'voted';
  const said = isDecision ? { ...entry.said, decided: readDecidedAs(detail) } : entry.said;
  const wrong = checked.wrong === 'text_changed' ? 'changed' : checked.wrong;
  return { place, subject: checked.subject, said, wrong };
}

/** Finds the subject of a key; returns the key itself if it cannot be parsed. */
function findSubject(key: string): string {
  try {
    return readKey(key)[1] ?? key;
  } catch {
    // A changed key may not be valid percent-encoding.
    return key;
  }
}

/**
 * Checks the histories of these approvals and starts. `places`: keys of known entries, by subject. Ignores entries recorded
 * meanwhile. Rejects with a StoreError.
 */
export async function checkSomeHistories(
  records: RecordStore,
  places: ReadonlyMap<string, readonly string[]>,
): Promise<HistoryCheck> {
  const read = new Histories('part', []);
  for (const [subject, known] of places) {
    // Clicks are answered between two histories.
    await setImmediate();
    // The record first: it says which entries existed.
    const key = buildKey('approval', subject);
    const raw = await records.get(key);
    const value = raw === undefined ? undefined : parseRecordValue(raw);
    const { data: approval } = approvalSchema.safeParse(upgradeRecord(key, value, {})?.value ?? value);
    const named = approval?.facts.map((fact) => buildFactKey(subject, fact)) ?? [];
    const keys = [...new Set([...known, ...named])].sort();
    const raws = await records.getMany(keys);
    const found = keys.flatMap((place, index) => {
      const raw = raws[index];
      return raw === undefined ? [] : [{ place, entry: readEntry({ key: place, raw }) }];
    });
    const last = approval?.facts.at(-1);
    const isLater = ({ said }: ReadEntry) =>
      approval && last && said.seq > approval.factCount && said.at >= last.at;
    const kept = found.filter(({ entry }) => !entry || !isLater(entry));
    const isWhole = !approval || kept.length >= approval.factCount;
    if (raw !== undefined && isWhole) {
      const added = read.addRecord({ key, raw }, approvalSchema, (one) => ({
        checks: listApprovalChecks(one),
        until: one.factCount,
      }));
      if (added) await checkOutputs(records, listOutputs(added), read);
    } else if (approval) read.addHead(approval);
    for (const { place, entry } of kept) read.add(entry, place);
  }
  return read.check();
}

interface NamedOutput {
  /** Id of the approval. */
  id: string;
  hash: string;
}

function listOutputs({ id, rounds }: Approval): NamedOutput[] {
  return [...new Set(rounds.flatMap(listOutputHashes))].map((hash) => ({ id, hash }));
}

/** Checks that each output is stored and matches the hash in its key. */
async function checkOutputs(
  records: RecordStore,
  outputs: readonly NamedOutput[],
  read: Histories,
): Promise<void> {
  for (let at = 0; at < outputs.length; at += READ_AT_ONCE) {
    const some = outputs.slice(at, at + READ_AT_ONCE);
    const raws = await records.getMany(some.map(({ id, hash }) => buildOutputKey(id, hash)));
    for (const [index, { id, hash }] of some.entries()) {
      const raw = raws[index];
      // Hashing a long text takes time: clicks are answered between two texts.
      if (raw !== undefined) await setImmediate();
      // The approval may have been deleted in between.
      const isMissing = raw === undefined && (await records.get(buildKey('approval', id))) !== undefined;
      if (isMissing) read.faults.push({ subject: id, why: 'output_missing', about: hash });
      else if (raw !== undefined && hashStored(raw) !== hash)
        read.faults.push({ subject: id, why: 'output_changed', place: buildOutputKey(id, hash) });
    }
  }
}

function hashStored(raw: string): string | undefined {
  const { data } = outputSchema.safeParse(parseRecordValue(raw));
  return data && hashOutput(data);
}

/** Checks an export, one JSON entry per line. An export of a period begins in the middle of histories. */
export async function checkExportedHistory(
  lines: AsyncIterable<string>,
  expected: readonly string[] = [],
): Promise<HistoryCheck> {
  const read = new Histories('export', expected);
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line.trim() !== '') read.add(readExportedEntry(line, number), `line ${number}`);
  }
  return read.check();
}

/** Checks of one record. The last entry that a check concerns decides. */
interface Checks {
  /** Number of the last entry that the record knows. */
  until: number;
  checks: { check: RecordCheck; seq: number; holds: boolean }[];
}

class Histories {
  readonly faults: HistoryFault[] = [];
  readonly #extent: Extent;
  readonly #bySubject = new EntriesBySubject();
  readonly #unreadable: string[] = [];
  readonly #heads = new Map<string, string>();
  readonly #checks = new Map<string, Checks>();
  /** Hash of the first entry of the approval that each run opened last, by run. */
  readonly #opened = new Map<string, string>();
  /**
   * Hash of each stored result, by run. `said`: an entry has this hash; false: the entries have only other hashes; undefined: no
   * entry of a result yet.
   */
  readonly #results = new Map<string, { hash: string | undefined; said?: boolean; key: string }>();
  readonly #expected: Set<string>;
  #newest: HistoryCheck['newest'];

  constructor(extent: Extent, expected: readonly string[]) {
    this.#extent = extent;
    this.#expected = new Set(expected);
  }

  add(entry: ReadEntry | undefined, place: string): void {
    if (!entry) return void this.#unreadable.push(place);
    const { said, checked } = entry;
    const { subject, at, link } = checked;
    this.#bySubject.add(checked);
    if (checked.wrong) return;
    this.#expected.delete(link.hash);
    if (at >= (this.#newest?.at ?? 0)) this.#newest = { hash: link.hash, at };
    const { checks = [], until = 0 } = this.#checks.get(subject) ?? {};
    for (const one of checks) {
      if (said.seq > until || said.seq < one.seq || !one.check.concerns(said)) continue;
      one.seq = said.seq;
      one.holds = one.check.fits(said);
    }
    if (said.output === undefined || (said.what !== 'run_finished' && said.what !== 'run_result')) return;
    const result = this.#results.get(labelRun(said.crew, said.execution));
    if (result) result.said = result.said || said.output === result.hash;
  }

  /** Returns the record; undefined: the value is not a record, or the record belongs under another key. */
  addRecord<T extends { id: string; head?: string | undefined }>(
    { key, raw }: RawRecord,
    schema: { safeParse(value: unknown): { data?: T } },
    list: (record: T) => { checks: RecordCheck[]; until?: number },
  ): T | undefined {
    const value = parseRecordValue(raw);
    const { data } = schema.safeParse(upgradeRecord(key, value, {})?.value ?? value);
    if (!data) return void this.#unreadable.push(key);
    const [id = ''] = readKey(key);
    if (id !== data.id) return void this.faults.push({ subject: id, place: key, why: 'record_moved' });
    this.#heads.set(id, data.head ?? '');
    const { checks, until = Number.POSITIVE_INFINITY } = list(data);
    const all = checks.map((check) => ({ check, seq: 0, holds: check.holds }));
    this.#checks.set(id, { until, checks: all });
    return data;
  }

  /** Adds the head of an approval some of whose entries are missing. */
  addHead({ id, head = '' }: { id: string; head?: string | undefined }): void {
    this.#heads.set(id, head);
  }

  addRun({ key, raw }: RawRecord): void {
    const run = parseRecordValue(raw);
    const [executionId = '', crew = ''] = readKey(key);
    if (isObject(run) && typeof run.opened === 'string')
      this.#opened.set(labelRun(crew, executionId), run.opened);
  }

  addResult({ key, raw }: RawRecord): void {
    const [executionId = '', crew = ''] = readKey(key);
    this.#results.set(labelRun(crew, executionId), { hash: hashStored(raw), key });
  }

  /** Lists the places of the entries of these subjects. */
  listPlaces(subjects: ReadonlySet<string>): Set<string> {
    const entries = [...subjects].flatMap((subject) => this.#bySubject.get(subject) ?? []);
    return new Set(entries.map(({ place }) => place));
  }

  /** `known`: places seen before the records were read; undefined: no bot writes meanwhile. */
  check(known?: ReadonlySet<string>): HistoryCheck {
    const [heads, opened, extent] = [this.#heads, this.#opened, this.#extent];
    const chained = findChainFaults(this.#bySubject, { heads, opened, extent, known });
    const isTold = new Set(chained.map(({ subject }) => subject));
    return {
      entries: this.#bySubject.count,
      histories: this.#bySubject.size,
      late: extent === 'whole' ? 0 : this.#bySubject.countLate(),
      faults: [...chained, ...this.faults, ...this.#findUnfit(isTold)],
      unreadable: this.#unreadable,
      newest: this.#newest,
    };
  }

  #findUnfit(isTold: ReadonlySet<string>): HistoryFault[] {
    const records = [...this.#checks].flatMap(([subject, { checks }]): HistoryFault[] => {
      const unfit = isTold.has(subject) ? undefined : checks.find(({ holds }) => !holds);
      return unfit ? [{ subject, why: 'record_changed', about: unfit.check.about }] : [];
    });
    const results = [...this.#results].flatMap(([subject, { said, key }]): HistoryFault[] =>
      said === false ? [{ subject, place: key, why: 'output_changed' }] : [],
    );
    const missing = [...this.#expected].map((subject): HistoryFault => ({ subject, why: 'not_found' }));
    return [...records, ...results, ...missing];
  }
}

/** Returns the value of a stored record of any format; undefined: it cannot be read. */
export function parseRecordValue(raw: string): unknown {
  try {
    return (JSON.parse(raw) as { value?: unknown }).value;
  } catch {
    return undefined;
  }
}
