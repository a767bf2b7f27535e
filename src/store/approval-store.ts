import Keyv from 'keyv';
import { z } from 'zod';
import type { Approval, Execution } from '../approval/approval.ts';
import { type Output, outputSchema } from '../approval/output.ts';
import type { ApprovalStore, Log, Stored } from '../approval/ports.ts';
import { NewerVersionError, readApproval, readExecution } from '../approval/versions.ts';
import { RecordError } from '../errors.ts';
import {
  aliasKey,
  approvalKey,
  decidedOf,
  encode,
  executionKey,
  factKey,
  idOf,
  indexKeys,
  OPEN,
  openUntil,
  outputKey,
  readExecutionKey,
  resultKey,
  unreadableKey,
  WAITING,
  waitingOf,
} from './keys.ts';
import type { Commit, RecordStore } from './record-store.ts';

const PAGE = 1_000;

/** The records of approvals on a record store; Keyv serialises them. */
export function createApprovalStore(records: RecordStore, log: Log): ApprovalStore {
  const keyv = new Keyv({
    store: records,
    // Keyv hands its own namespace on to the store: it has to be the one that the store has.
    ...(records.namespace === undefined ? {} : { namespace: records.namespace }),
    useKeyPrefix: false,
    throwOnErrors: true,
    emitErrors: false,
    serialize: JSON.stringify,
    deserialize: JSON.parse,
  });

  /** What does not parse is set aside, and is absent from then on. Rejects with a RecordError for what a newer version wrote. */
  async function read<T>(key: string, parse: (value: unknown) => T): Promise<Stored<T> | undefined> {
    for (;;) {
      const raw = (await records.get<string>(key)) as string | undefined;
      if (raw === undefined) return undefined;
      try {
        const data = await keyv.deserializeData<unknown>(raw);
        return { raw, record: parse(data?.value) };
      } catch (error) {
        if (error instanceof NewerVersionError) throw new RecordError(key, error);
        if (await setAside(key, raw)) {
          log.error({ key, error }, `a record cannot be read; it was set aside as ${unreadableKey(key)}`);
        }
      }
    }
  }

  /** Nothing is lost of it, and it is not looked at again. False: it has changed meanwhile. */
  async function setAside(key: string, raw: string): Promise<boolean> {
    const deletes = [key];
    for (const index of key.startsWith('approval/') ? [OPEN, WAITING] : []) {
      deletes.push(...(await entriesOf(index, idOf(key))));
    }
    const puts = [{ key: unreadableKey(key), raw }];
    return records.commit({ key, previousRaw: raw, puts, deletes });
  }

  /** An approval's entries in an index, found without its record. */
  async function entriesOf(index: string, id: string): Promise<string[]> {
    const found: string[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await records.range(index, { limit: PAGE, ...(after === undefined ? {} : { after }) });
      found.push(...page.filter((key) => idOf(key) === id));
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
    const entries = indexKeys(next);
    const former = previous ? indexKeys(previous.record) : [];
    const newFacts = next.facts.filter((fact) => fact.seq > (previous?.record.factCount ?? 0));
    const commit: Commit = {
      key: approvalKey(next.id),
      previousRaw: previous?.raw,
      puts: await Promise.all([
        put(approvalKey(next.id), next),
        ...entries.filter((key) => !former.includes(key)).map((key) => put(key, 1)),
        ...newFacts.map((fact) =>
          put(factKey(next.id, fact), {
            ...fact,
            approval: next.id,
            crew: next.crew,
            execution: next.executionId,
          }),
        ),
        ...(output ? [put(outputKey(next.id, output.hash), output.output)] : []),
      ]),
      deletes: former.filter((key) => !entries.includes(key)),
      ...(deadline === undefined ? {} : { deadline }),
    };
    return records.commit(commit);
  }

  async function saveExecution(previous: Stored<Execution> | undefined, next: Execution, result?: Output) {
    const key = executionKey(next.crew, next.executionId);
    const puts = [await put(key, next)];
    if (result) puts.push(await put(resultKey(next.crew, next.executionId), result));
    return records.commit({ key, previousRaw: previous?.raw, puts, deletes: [] });
  }

  async function saveAlias(crew: string, alias: string, executionId: string): Promise<void> {
    const key = aliasKey(crew, alias);
    await records.commit({ key, previousRaw: undefined, puts: [await put(key, executionId)], deletes: [] });
  }

  async function outputAt(key: string): Promise<Output | undefined> {
    return (await read(key, (value) => outputSchema.parse(value)))?.record;
  }

  async function due(until: number, { limit, after }: { limit: number; after?: string }) {
    const keys = await records.range(OPEN, { limit, ...(after === undefined ? {} : { after }) });
    const inTime = keys.filter((key) => key < openUntil(until));
    const next = inTime.length === limit ? inTime.at(-1) : undefined;
    return { ids: inTime.map(idOf), ...(next === undefined ? {} : { next }) };
  }

  async function waiting(crews: readonly string[], limit: number): Promise<string[]> {
    const pages = await Promise.all(crews.map((crew) => records.range(waitingOf(crew), { limit })));
    const keys = pages.flat().sort((a, b) => (byTime(a) < byTime(b) ? -1 : 1));
    return keys.slice(0, limit).map(idOf);
  }

  async function decided(crews: readonly string[], limit: number): Promise<string[]> {
    const pages = await Promise.all(
      crews.map((crew) => records.range(decidedOf(crew), { limit, reverse: true })),
    );
    const keys = pages.flat().sort((a, b) => (byTime(a) > byTime(b) ? -1 : 1));
    return keys.slice(0, limit).map(idOf);
  }

  async function beginning(index: string, prefix: string, limit: number): Promise<string[]> {
    const start = `${index}/${prefix}`;
    const exact = (await records.has?.(start)) ? [start] : [];
    const keys = await records.range(index, { after: start, limit });
    return [...exact, ...keys.filter((key) => key.startsWith(start))].slice(0, limit);
  }

  return {
    approval: (id) => read(approvalKey(id), readApproval),
    saveApproval,
    execution: (crew, executionId) => read(executionKey(crew, executionId), readExecution),
    saveExecution,
    output: (approvalId, hash) => outputAt(outputKey(approvalId, hash)),
    result: (crew, executionId) => outputAt(resultKey(crew, executionId)),
    saveAlias,
    originalId: async (crew, id) =>
      (await read(aliasKey(crew, id), (value) => z.string().parse(value)))?.record ?? id,
    due,
    waiting,
    decided,
    approvalsBeginning: async (prefix, limit) =>
      (await beginning('approval', encode(prefix), limit)).map(idOf),
    executionsBeginning: async (prefix, limit) => {
      // A whole id first: longer ones may come before it in the order of keys.
      const whole = await records.range(`execution/${encode(prefix)}`, { limit });
      const keys = whole.length > 0 ? whole : await beginning('execution', encode(prefix), limit);
      return keys.map(readExecutionKey);
    },
  };
}

/** The time and the id of an index key: what is the same in the keys of all crews. */
function byTime(key: string): string {
  return key.slice(key.lastIndexOf('/', key.lastIndexOf('/') - 1));
}
