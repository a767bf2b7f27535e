import Keyv from 'keyv';
import { z } from 'zod';
import { type Approval, currentRound } from '../approval/model/approval.ts';
import { NewerVersionError, readApproval, readExecution } from '../approval/model/migrations.ts';
import { type Output, outputSchema } from '../approval/model/output.ts';
import { type Execution, rebuildExecution } from '../approval/model/run/execution.ts';
import { toStoredApproval, toStoredExecution } from '../approval/model/stored-names.ts';
import type { ApprovalStore, ApprovalWrite, Entry, Log, Slice, Stored } from '../approval/ports.ts';
import { RecordError, StoreError } from '../lib/errors.ts';
import {
  buildAliasKey,
  buildApprovalKey,
  buildCreatedIndex,
  buildDecidedIndex,
  buildDeciderIndex,
  buildExecutionKey,
  buildFactKey,
  buildIndexKeys,
  buildOpenBound,
  buildOutputKey,
  buildPlace,
  buildResultKey,
  buildRunCheckBound,
  buildRunCheckKeys,
  buildSettledIndex,
  buildUnreadableKey,
  buildWaitingIndex,
  encode,
  FACTS,
  INDEXES,
  OPEN,
  RUN_CHECKS,
  readExecutionKey,
  readFactTime,
  readId,
  readPlace,
  readRunCheckKey,
} from './keys.ts';
import type { Commit, RecordStore } from './record-store.ts';

const PAGE = 1_000;
/** Of setting a damaged record aside while others write it. */
const MOST_TRIES = 100;

/** The records of approvals on a record store; Keyv serialises them. */
export function createApprovalStore(records: RecordStore, log: Log): ApprovalStore {
  const keyv = new Keyv({
    store: records,
    useKeyPrefix: false,
    throwOnErrors: true,
    emitErrors: false,
    serialize: JSON.stringify,
    deserialize: JSON.parse,
  });

  /** What does not parse is set aside, and is absent from then on. Rejects with a RecordError for what a newer version wrote. */
  async function read<T>(key: string, parse: (value: unknown) => T): Promise<Stored<T> | undefined> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const raw = await records.get(key);
      if (raw === undefined) return undefined;
      try {
        const data = await keyv.deserializeData<unknown>(raw);
        return { raw, record: parse(data?.value) };
      } catch (error) {
        if (error instanceof NewerVersionError) throw new RecordError(key, error);
        if (await setAside(key, raw)) {
          log.error(
            { key, error },
            `a record cannot be read; it was set aside as ${buildUnreadableKey(key)}`,
          );
        }
      }
    }
    throw new StoreError(`The record ${key} cannot be read and was changed again and again.`);
  }

  /** Nothing is lost of it, and it is not looked at again. False: it has changed meanwhile. */
  async function setAside(key: string, raw: string): Promise<boolean> {
    // Whom a run narrowed its approvers to is not forgotten by the next webhook that comes.
    const run = key.startsWith('execution/') ? readExecutionKey(key) : undefined;
    const deletes = run ? [] : [key];
    for (const index of key.startsWith('approval/') ? INDEXES : []) {
      deletes.push(...(await entriesOf(index, readId(key))));
    }
    const puts = [{ key: buildUnreadableKey(key), raw }];
    if (run) puts.push(await put(key, toStoredExecution(rebuildExecution(run.crew, run.executionId))));
    return records.commit({ key, previousRaw: raw, puts, deletes });
  }

  /** An approval's entries in an index, found without its record. */
  async function entriesOf(index: string, id: string): Promise<string[]> {
    const found: string[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await records.range(index, { limit: PAGE, ...(after === undefined ? {} : { after }) });
      found.push(...page.filter((key) => readId(key) === id));
      after = page.at(-1);
      if (page.length < PAGE) return found;
    }
  }

  async function put(key: string, value: unknown): Promise<{ key: string; raw: string }> {
    return { key, raw: (await keyv.serializeData({ value })) as string };
  }

  async function saveApproval(
    previous: Stored<Approval> | undefined,
    next: Approval,
    { output, deadline }: Parameters<ApprovalStore['saveApproval']>[2] = {},
  ): Promise<boolean> {
    return records.commit({
      key: buildApprovalKey(next.id),
      previousRaw: previous?.raw,
      ...(await changes(previous?.record, next, output)),
      ...(deadline === undefined ? {} : { deadline }),
    });
  }

  /** What is written when an approval becomes another. */
  async function changes(
    previous: Approval | undefined,
    next: Approval,
    output: { hash: string; output: Output } | undefined,
  ): Promise<Pick<Commit, 'puts' | 'deletes'>> {
    const entries = buildIndexKeys(next);
    const former = previous ? buildIndexKeys(previous) : [];
    const newFacts = next.facts.filter((fact) => fact.seq > (previous?.factCount ?? 0));
    return {
      puts: await Promise.all([
        put(buildApprovalKey(next.id), toStoredApproval(next)),
        // What waits says in which state: it is counted without its records.
        ...entries.filter((key) => !former.includes(key)).map((key) => put(key, currentRound(next).status)),
        ...newFacts.map((fact) =>
          put(buildFactKey(next.id, fact), {
            ...fact,
            approval: next.id,
            crew: next.crew,
            execution: next.executionId,
            task: next.task,
          }),
        ),
        ...(output ? [put(buildOutputKey(next.id, output.hash), output.output)] : []),
      ]),
      deletes: former.filter((key) => !entries.includes(key)),
    };
  }

  async function saveExecution(
    previous: Stored<Execution> | undefined,
    next: Execution,
    { result, writes = [] }: Parameters<ApprovalStore['saveExecution']>[2] = {},
  ): Promise<boolean> {
    const key = buildExecutionKey(next.crew, next.executionId);
    const [check, former] = [buildRunCheckKeys(next), previous ? buildRunCheckKeys(previous.record) : []];
    const written = await writeApprovals(writes);
    const puts = await Promise.all([
      put(key, toStoredExecution(next)),
      ...newIn(check, former).map((one) => put(one, '')),
      ...(result ? [put(buildResultKey(next.crew, next.executionId), result)] : []),
    ]);
    // A new record under an id that has just become another run's would never be read again.
    const tied = previous
      ? []
      : [{ key: buildAliasKey(next.crew, next.executionId), previousRaw: undefined }];
    return records.commit({
      key,
      previousRaw: previous?.raw,
      also: [...tied, ...written.compared],
      puts: [...puts, ...written.puts],
      deletes: [...newIn(former, check), ...written.deletes],
    });
  }

  /** What is compared, written and deleted for approvals that are stored together. */
  async function writeApprovals(writes: readonly ApprovalWrite[]) {
    const parts = await Promise.all(
      writes.map(({ previous, next, output }) => changes(previous?.record, next, output)),
    );
    return {
      compared: writes.map(({ previous, next }) => ({
        key: buildApprovalKey(next.id),
        previousRaw: previous?.raw,
      })),
      puts: parts.flatMap(({ puts }) => puts),
      deletes: parts.flatMap(({ deletes }) => deletes),
    };
  }

  async function saveAlias(crew: string, alias: string, executionId: string): Promise<void> {
    const key = buildAliasKey(crew, alias);
    await records.commit({ key, previousRaw: undefined, puts: [await put(key, executionId)], deletes: [] });
  }

  async function mergeExecution({
    alias,
    from,
    into,
    merged,
    writes,
  }: Parameters<ApprovalStore['mergeExecution']>[0]): Promise<boolean> {
    const { crew, executionId } = merged;
    const key = buildExecutionKey(crew, executionId);
    const [check, former] = [buildRunCheckKeys(merged), buildRunCheckKeys(into.record)];
    const written = await writeApprovals(writes);
    const result = from?.record.hasResult ? await outputAt(buildResultKey(crew, alias)) : undefined;
    const puts = await Promise.all([
      put(buildAliasKey(crew, alias), executionId),
      put(key, toStoredExecution(merged)),
      ...newIn(check, former).map((one) => put(one, '')),
      ...(result && !into.record.hasResult ? [put(buildResultKey(crew, executionId), result)] : []),
    ]);
    return records.commit({
      key,
      previousRaw: into.raw,
      also: [
        { key: buildExecutionKey(crew, alias), previousRaw: from?.raw },
        { key: buildAliasKey(crew, alias), previousRaw: undefined },
        ...written.compared,
      ],
      puts: [...puts, ...written.puts],
      deletes: [
        ...newIn(former, check),
        ...written.deletes,
        ...(from
          ? [buildExecutionKey(crew, alias), buildResultKey(crew, alias), ...buildRunCheckKeys(from.record)]
          : []),
      ],
    });
  }

  async function runsToCheck(until: number, limit: number) {
    const keys = await records.range(RUN_CHECKS, { limit });
    return keys.filter((key) => key < buildRunCheckBound(until)).map(readRunCheckKey);
  }

  async function outputAt(key: string): Promise<Output | undefined> {
    return (await read(key, (value) => outputSchema.parse(value)))?.record;
  }

  async function due(until: number, { limit, after }: { limit: number; after?: string }) {
    const keys = await records.range(OPEN, { limit, ...(after === undefined ? {} : { after }) });
    const inTime = keys.filter((key) => key < buildOpenBound(until));
    const next = inTime.length === limit ? inTime.at(-1) : undefined;
    return { ids: inTime.map(readId), ...(next === undefined ? {} : { next }) };
  }

  /** Slices of several lists by time, as one. */
  async function listed(
    indexes: readonly string[],
    { limit, after, reverse = false }: Slice,
  ): Promise<Entry[]> {
    const slices = await Promise.all(
      indexes.map((index) =>
        records.range(index, {
          limit,
          reverse,
          ...(after === undefined ? {} : { after: `${index}${after}` }),
        }),
      ),
    );
    const entries = slices.flat().map((key) => ({ id: readId(key), place: readPlace(key) }));
    const order = reverse ? -1 : 1;
    return entries.sort((a, b) => (a.place < b.place ? -order : order)).slice(0, limit);
  }

  async function openFigures(crew: string, limit: number) {
    // An entry says in which state its approval is: no record is read.
    const entries = await records.entries(buildWaitingIndex(crew), limit);
    const states: Record<string, number> = { waiting: 0, refused: 0, undelivered: 0 };
    for (const { raw } of entries) {
      const state = /"value":"(\w+)"/.exec(raw)?.[1] ?? '';
      if (state in states) states[state] = (states[state] ?? 0) + 1;
    }
    const [first] = entries;
    return {
      states,
      ...(first === undefined ? {} : { oldestSince: Number(readPlace(first.key).split('/')[1]) }),
    };
  }

  async function settled(crew: string, before: number, slice: Slice): Promise<Entry[]> {
    const entries = await listed([buildSettledIndex(crew)], slice);
    return entries.filter(({ place }) => place < buildPlace(before, ''));
  }

  async function forget({ record, raw }: Stored<Approval>): Promise<boolean> {
    const key = buildApprovalKey(record.id);
    const outputs = record.rounds.map(({ hashes }) => buildOutputKey(record.id, hashes[0] as string));
    const run = await lastOf(record, record.id);
    const deletes = [key, ...buildIndexKeys(record), ...new Set(outputs), ...(run?.keys ?? [])];
    // Nor does a run go in which another approval was opened meanwhile.
    const also = run && { key: run.keys[0] as string, previousRaw: run.raw };
    const commit = { key, previousRaw: raw, puts: [], deletes, ...(also ? { also } : {}) };
    if (!(await records.commit(commit))) return false;
    // Another process may have deleted the others meanwhile: then neither saw that its own was the last. A webhook may
    // have opened this one anew.
    const left = run ? undefined : await lastOf(record);
    if (left) {
      const [execution = ''] = left.keys;
      await records.commit({ key: execution, previousRaw: left.raw, puts: [], deletes: left.keys });
    }
    return true;
  }

  /** What is kept of a run, if it has no approval but this one. */
  async function lastOf(
    { crew, executionId }: Approval,
    but?: string,
  ): Promise<{ raw: string; keys: string[] } | undefined> {
    const stored = await read(buildExecutionKey(crew, executionId), readExecution);
    if (!stored) return undefined;
    for (const other of stored.record.approvals)
      if (other !== but && (await records.has(buildApprovalKey(other)))) return undefined;
    return {
      raw: stored.raw,
      keys: [buildExecutionKey(crew, executionId), buildResultKey(crew, executionId)],
    };
  }

  async function beginning(index: string, prefix: string, limit: number): Promise<string[]> {
    const start = `${index}/${prefix}`;
    const exact = (await records.has(start)) ? [start] : [];
    const keys = await records.range(index, { after: start, limit });
    return [...exact, ...keys.filter((key) => key.startsWith(start))].slice(0, limit);
  }

  return {
    approval: (id) => read(buildApprovalKey(id), readApproval),
    saveApproval,
    execution: (crew, executionId) => read(buildExecutionKey(crew, executionId), readExecution),
    saveExecution,
    output: (approvalId, hash) => outputAt(buildOutputKey(approvalId, hash)),
    result: (crew, executionId) => outputAt(buildResultKey(crew, executionId)),
    saveAlias,
    mergeExecution,
    runsToCheck,
    originalId: async (crew, id) =>
      (await read(buildAliasKey(crew, id), (value) => z.string().parse(value)))?.record ?? id,
    due,
    waiting: (crews, slice) => listed(crews.map(buildWaitingIndex), slice),
    decided: (crews, slice) => listed(crews.map(buildDecidedIndex), slice),
    decidedBy: (person, slice) => listed([buildDeciderIndex(person)], slice),
    created: (crews, slice) => listed(crews.map(buildCreatedIndex), slice),
    settled,
    forget,
    openFigures,
    newestFactAt: async () => {
      const [key] = await records.range(FACTS, { limit: 1, reverse: true });
      return key === undefined ? undefined : readFactTime(key);
    },
    approvalsBeginning: async (prefix, limit) =>
      (await beginning('approval', encode(prefix), limit)).map(readId),
    executionsBeginning: async (prefix, limit) => {
      // A whole id first: longer ones may come before it in the order of keys.
      const whole = await records.range(`execution/${encode(prefix)}`, { limit });
      const keys = whole.length > 0 ? whole : await beginning('execution', encode(prefix), limit);
      return keys.map(readExecutionKey);
    },
  };
}

/** Those of the first that the second has not. */
function newIn(keys: readonly string[], others: readonly string[]): string[] {
  return keys.filter((key) => !others.includes(key));
}
