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
const OUTPUTS_AT_ONCE = 5;

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
function checkRead(histories: Histories) {
  const checked = histories.check();
  const subjects = new Set(checked.faults.map(({ subject }) => subject));
  return { checked, doubted: histories.listPlaces(subjects) };
}

async function readHistories(
  records: RecordStore,
  expected: readonly string[],
  see?: (entry: FoundEntry) => void,
): Promise<Histories> {
  const histories = new Histories('whole', expected);
  // Records first: facts recorded meanwhile then have entries that are newer than the last entry known here.
  const waiting: NamedOutput[] = [];
  for await (const record of eachRecord(records, 'approval')) {
    const approval = histories.addRecord(record, approvalSchema, (approval) => ({
      checks: listApprovalChecks(approval),
      until: approval.factCount,
    }));
    if (approval) waiting.push(...listOutputs(approval));
    if (waiting.length >= OUTPUTS_AT_ONCE) await checkOutputs(records, waiting.splice(0), histories);
  }
  await checkOutputs(records, waiting, histories);
  for await (const record of eachRecord(records, 'kickoff'))
    histories.addRecord(record, startSchema, (start) => ({ checks: listStartChecks(start) }));
  for await (const record of eachRecord(records, 'execution')) histories.addRun(record);
  for await (const record of eachRecord(records, 'result')) histories.addResult(record);
  for await (const record of eachRecord(records, 'fact')) {
    const entry = readEntry(record);
    histories.add(entry, record.key);
    see?.(describeEntry(record.key, entry));
  }
  return histories;
}

/** Describes an entry for a report or a command. */
export function describeEntry(place: string, entry: ReadEntry | undefined): FoundEntry {
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
  const histories = new Histories('part', []);
  for (const [subject, knownPlaces] of places) {
    // Clicks are answered between two histories.
    await setImmediate();
    // The record first: it says which entries existed.
    const key = buildKey('approval', subject);
    const raw = await records.get(key);
    const value = raw === undefined ? undefined : parseRecordValue(raw);
    const { data: approval } = approvalSchema.safeParse(upgradeRecord(key, value, {})?.value ?? value);
    const factPlaces = approval?.facts.map((fact) => buildFactKey(subject, fact)) ?? [];
    const keys = [...new Set([...knownPlaces, ...factPlaces])].sort();
    const raws = await records.getMany(keys);
    const entries = keys.flatMap((place, index) => {
      const raw = raws[index];
      return raw === undefined ? [] : [{ place, entry: readEntry({ key: place, raw }) }];
    });
    const lastFact = approval?.facts.at(-1);
    const isLater = ({ said }: ReadEntry) =>
      approval && lastFact && said.seq > approval.factCount && said.at >= lastFact.at;
    const certainEntries = entries.filter(({ entry }) => !entry || !isLater(entry));
    const isWhole = !approval || certainEntries.length >= approval.factCount;
    if (raw !== undefined && isWhole) {
      const storedApproval = histories.addRecord({ key, raw }, approvalSchema, (record) => ({
        checks: listApprovalChecks(record),
        until: record.factCount,
      }));
      if (storedApproval) await checkOutputs(records, listOutputs(storedApproval), histories);
    } else if (approval) histories.addHead(approval);
    for (const { place, entry } of certainEntries) histories.add(entry, place);
  }
  return histories.check();
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
  histories: Histories,
): Promise<void> {
  for (let at = 0; at < outputs.length; at += OUTPUTS_AT_ONCE) {
    const batch = outputs.slice(at, at + OUTPUTS_AT_ONCE);
    const raws = await records.getMany(batch.map(({ id, hash }) => buildOutputKey(id, hash)));
    for (const [index, { id, hash }] of batch.entries()) {
      const raw = raws[index];
      // Hashing a long text takes time: clicks are answered between two texts.
      if (raw !== undefined) await setImmediate();
      // The approval may have been deleted in between.
      const isMissing = raw === undefined && (await records.get(buildKey('approval', id))) !== undefined;
      if (isMissing) histories.faults.push({ subject: id, why: 'output_missing', about: hash });
      else if (raw !== undefined && hashStored(raw) !== hash)
        histories.faults.push({ subject: id, why: 'output_changed', place: buildOutputKey(id, hash) });
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
  const histories = new Histories('export', expected);
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line.trim() !== '') histories.add(readExportedEntry(line, number), `line ${number}`);
  }
  return histories.check();
}

/** Checks of one record. For each check, the last entry that it is about decides. */
interface Checks {
  /** Number of the last entry that the record knows. */
  until: number;
  checks: { check: RecordCheck; seq: number; holds: boolean }[];
}

class Histories {
  readonly faults: HistoryFault[] = [];
  readonly #extent: Extent;
  readonly #entries = new EntriesBySubject();
  readonly #unreadable: string[] = [];
  readonly #headBySubject = new Map<string, string>();
  readonly #checksBySubject = new Map<string, Checks>();
  /** Hash of the first entry of the approval that each run opened last, by run. */
  readonly #openedByRun = new Map<string, string>();
  /**
   * Hash of each stored result, by run. `said`: an entry has this hash; false: the entries have only other hashes; undefined: no
   * entry of a result yet.
   */
  readonly #resultByRun = new Map<string, { hash: string | undefined; said?: boolean; key: string }>();
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
    this.#entries.add(checked);
    if (checked.wrong) return;
    this.#expected.delete(link.hash);
    if (at >= (this.#newest?.at ?? 0)) this.#newest = { hash: link.hash, at };
    const { checks = [], until = 0 } = this.#checksBySubject.get(subject) ?? {};
    for (const recordCheck of checks) {
      if (said.seq > until || said.seq < recordCheck.seq || !recordCheck.check.isAbout(said)) continue;
      recordCheck.seq = said.seq;
      recordCheck.holds = recordCheck.check.fits(said);
    }
    if (said.output === undefined || (said.what !== 'run_finished' && said.what !== 'run_result')) return;
    const result = this.#resultByRun.get(labelRun(said.crew, said.execution));
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
    this.#headBySubject.set(id, data.head ?? '');
    const { checks, until = Number.POSITIVE_INFINITY } = list(data);
    const recordChecks = checks.map((check) => ({ check, seq: 0, holds: check.holds }));
    this.#checksBySubject.set(id, { until, checks: recordChecks });
    return data;
  }

  /** Adds the head of an approval some of whose entries are missing. */
  addHead({ id, head = '' }: { id: string; head?: string | undefined }): void {
    this.#headBySubject.set(id, head);
  }

  addRun({ key, raw }: RawRecord): void {
    const run = parseRecordValue(raw);
    const [executionId = '', crew = ''] = readKey(key);
    if (isObject(run) && typeof run.opened === 'string')
      this.#openedByRun.set(labelRun(crew, executionId), run.opened);
  }

  addResult({ key, raw }: RawRecord): void {
    const [executionId = '', crew = ''] = readKey(key);
    this.#resultByRun.set(labelRun(crew, executionId), { hash: hashStored(raw), key });
  }

  /** Lists the places of the entries of these subjects. */
  listPlaces(subjects: ReadonlySet<string>): Set<string> {
    const entries = [...subjects].flatMap((subject) => this.#entries.get(subject) ?? []);
    return new Set(entries.map(({ place }) => place));
  }

  /** `known`: places seen before the records were read; undefined: no bot writes meanwhile. */
  check(known?: ReadonlySet<string>): HistoryCheck {
    const [heads, opened, extent] = [this.#headBySubject, this.#openedByRun, this.#extent];
    const chainFaults = findChainFaults(this.#entries, { heads, opened, extent, known });
    const reportedSubjects = new Set(chainFaults.map(({ subject }) => subject));
    return {
      entries: this.#entries.count,
      histories: this.#entries.size,
      late: extent === 'whole' ? 0 : this.#entries.countWithoutFirst(),
      faults: [...chainFaults, ...this.faults, ...this.#findRecordFaults(reportedSubjects)],
      unreadable: this.#unreadable,
      newest: this.#newest,
    };
  }

  #findRecordFaults(reportedSubjects: ReadonlySet<string>): HistoryFault[] {
    const recordFaults = [...this.#checksBySubject].flatMap(([subject, { checks }]): HistoryFault[] => {
      const failedCheck = reportedSubjects.has(subject) ? undefined : checks.find(({ holds }) => !holds);
      return failedCheck ? [{ subject, why: 'record_changed', about: failedCheck.check.about }] : [];
    });
    const resultFaults = [...this.#resultByRun].flatMap(([subject, { said, key }]): HistoryFault[] =>
      said === false ? [{ subject, place: key, why: 'output_changed' }] : [],
    );
    const missingFaults = [...this.#expected].map((subject): HistoryFault => ({ subject, why: 'not_found' }));
    return [...recordFaults, ...resultFaults, ...missingFaults];
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
