import { approvalSchema } from '../approval/model/approval.ts';
import { hashOutput, outputSchema } from '../approval/model/output.ts';
import { listOutputHashes } from '../approval/model/round.ts';
import { startSchema } from '../approval/model/run/start.ts';
import { isObject } from '../lib/own-member.ts';
import { labelRun, type ReadEntry, readEntry, readExportedEntry } from './audit.ts';
import { type ChainFault, type CheckedEntry, findChainFaults } from './chain.ts';
import { upgradeRecord } from './formats/formats.ts';
import { buildKey, buildOutputKey, readKey } from './keys.ts';
import { listApprovalChecks, listStartChecks, type RecordCheck } from './record-checks.ts';
import { eachRecord, type RawRecord, type RecordStore } from './record-store.ts';

export interface HistoryFault extends Omit<ChainFault, 'why'> {
  why:
    | ChainFault['why']
    | 'record_moved'
    | 'record_changed'
    | 'output_changed'
    | 'output_missing'
    | 'not_found';
  /** Of a record: what does not fit. */
  about?: string | undefined;
}

/** What a check of histories found. */
export interface HistoryCheck {
  entries: number;
  histories: number;
  /** Histories that begin before an export. */
  late: number;
  faults: HistoryFault[];
  /** Keys or lines that cannot be read. */
  unreadable: string[];
  /** The newest entry: a later check can expect it. */
  newest?: { hash: string; at: number } | undefined;
}

/**
 * Checks all histories in a store, also while a bot writes: what does not fit is looked at again, without what was written
 * since. `expected`: hashes of entries that have to be there. Rejects with a StoreError.
 */
export async function checkStoredHistory(
  records: RecordStore,
  expected: readonly string[] = [],
): Promise<HistoryCheck> {
  const first = await readHistories(records, expected);
  const checked = first.check();
  if (checked.faults.length === 0) return checked;
  const doubted = new Set(checked.faults.map(({ subject }) => subject));
  return (await readHistories(records, expected)).check(first.listPlaces(doubted));
}

async function readHistories(records: RecordStore, expected: readonly string[]): Promise<Histories> {
  const read = new Histories(true, expected);
  // Records first: what is recorded meanwhile has entries that are newer than the last one that is known here.
  for await (const record of eachRecord(records, 'approval')) {
    const approval = read.addRecord(record, approvalSchema, (one) => ({
      checks: listApprovalChecks(one),
      until: one.factCount,
    }));
    if (approval) await checkOutputs(records, approval, read);
  }
  for await (const record of eachRecord(records, 'kickoff'))
    read.addRecord(record, startSchema, (start) => ({ checks: listStartChecks(start) }));
  for await (const record of eachRecord(records, 'execution')) read.addRun(record);
  for await (const record of eachRecord(records, 'result')) read.addResult(record);
  for await (const record of eachRecord(records, 'fact')) read.add(readEntry(record), record.key);
  return read;
}

/** An output is named by its hash. */
async function checkOutputs(
  records: RecordStore,
  { id, rounds }: { id: string; rounds: readonly Parameters<typeof listOutputHashes>[0][] },
  read: Histories,
): Promise<void> {
  const hashes = [...new Set(rounds.flatMap(listOutputHashes))];
  const raws = await records.getMany(hashes.map((hash) => buildOutputKey(id, hash)));
  for (const [index, hash] of hashes.entries()) {
    const raw = raws[index];
    // Its approval may have been deleted meanwhile.
    const isMissing = raw === undefined && (await records.get(buildKey('approval', id))) !== undefined;
    if (isMissing) read.faults.push({ subject: id, why: 'output_missing', about: hash });
    else if (raw !== undefined && hashStored(raw) !== hash)
      read.faults.push({ subject: id, why: 'output_changed', place: buildOutputKey(id, hash) });
  }
}

function hashStored(raw: string): string | undefined {
  const { data } = outputSchema.safeParse(readValue(raw));
  return data && hashOutput(data);
}

/** Checks the lines of an export as JSON lines. One of some time begins in the middle of histories. */
export async function checkExportedHistory(
  lines: AsyncIterable<string>,
  expected: readonly string[] = [],
): Promise<HistoryCheck> {
  const read = new Histories(false, expected);
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line.trim() !== '') read.add(readExportedEntry(line, number), `line ${number}`);
  }
  return read.check();
}

/** What is checked of a record, by the last entries that concern them. */
interface Checks {
  /** The last entry that the record knows. */
  until: number;
  checks: { check: RecordCheck; seq: number; holds: boolean }[];
}

class Histories {
  readonly faults: HistoryFault[] = [];
  readonly #isWhole: boolean;
  readonly #bySubject = new Map<string, CheckedEntry[]>();
  readonly #unreadable: string[] = [];
  readonly #heads = new Map<string, string>();
  readonly #checks = new Map<string, Checks>();
  /** By run: the first entry of the approval that it opened last. */
  readonly #opened = new Map<string, string>();
  /** By run: the hash of its stored result, and whether an entry says it, or another one. */
  readonly #results = new Map<string, { hash: string | undefined; said?: boolean; key: string }>();
  readonly #expected: Set<string>;
  #newest: HistoryCheck['newest'];

  constructor(isWhole: boolean, expected: readonly string[]) {
    this.#isWhole = isWhole;
    this.#expected = new Set(expected);
  }

  add(entry: ReadEntry | undefined, place: string): void {
    if (!entry) return void this.#unreadable.push(place);
    const { said, checked } = entry;
    const { subject, at, link } = checked;
    const history = this.#bySubject.get(subject);
    if (history) history.push(checked);
    else this.#bySubject.set(subject, [checked]);
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

  /** Undefined for what is no record under its own key. */
  addRecord<T extends { id: string; head?: string | undefined }>(
    { key, raw }: RawRecord,
    schema: { safeParse(value: unknown): { data?: T } },
    list: (record: T) => { checks: RecordCheck[]; until?: number },
  ): T | undefined {
    const value = readValue(raw);
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

  addRun({ key, raw }: RawRecord): void {
    const run = readValue(raw);
    const [executionId = '', crew = ''] = readKey(key);
    if (isObject(run) && typeof run.opened === 'string')
      this.#opened.set(labelRun(crew, executionId), run.opened);
  }

  addResult({ key, raw }: RawRecord): void {
    const [executionId = '', crew = ''] = readKey(key);
    this.#results.set(labelRun(crew, executionId), { hash: hashStored(raw), key });
  }

  /** Places of the entries of these subjects. */
  listPlaces(subjects: ReadonlySet<string>): Set<string> {
    const entries = [...subjects].flatMap((subject) => this.#bySubject.get(subject) ?? []);
    return new Set(entries.map(({ place }) => place));
  }

  /** `known`: places that were seen before the records were read; undefined: nobody writes. */
  check(known?: ReadonlySet<string>): HistoryCheck {
    const all = [...this.#bySubject.values()];
    const [heads, opened, isWhole] = [this.#heads, this.#opened, this.#isWhole];
    const chained = findChainFaults(this.#bySubject, { heads, opened, isWhole, known });
    const isTold = new Set(chained.map(({ subject }) => subject));
    return {
      entries: all.reduce((sum, { length }) => sum + length, 0),
      histories: all.length,
      late: isWhole ? 0 : all.filter((entries) => entries.every(({ seq }) => seq !== 1)).length,
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

function readValue(raw: string): unknown {
  try {
    return (JSON.parse(raw) as { value?: unknown }).value;
  } catch {
    return undefined;
  }
}
