import type { ApprovalStore, Entry, Slice } from '../approval/ports.ts';
import {
  buildOpenBound,
  buildPlace,
  buildRunCheckBound,
  buildSettledIndex,
  buildWaitingIndex,
  encode,
  FACTS,
  OPEN,
  RUN_CHECKS,
  readExecutionKey,
  readFactTime,
  readId,
  readPlace,
  readRunCheckKey,
} from './keys.ts';
import type { RecordStore } from './record-store.ts';

/** Approvals in which some lane is due by then, the longest due first. */
export async function listDue(
  records: RecordStore,
  until: number,
  { limit, after }: { limit: number; after?: string },
): ReturnType<ApprovalStore['due']> {
  const keys = await records.range(OPEN, { limit, ...(after === undefined ? {} : { after }) });
  const due = keys.filter((key) => key < buildOpenBound(until));
  const next = due.length === limit ? due.at(-1) : undefined;
  return { ids: due.map(readId), ...(next === undefined ? {} : { next }) };
}

/** Merges slices of several lists by time into one. */
export async function listEntries(
  records: RecordStore,
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

export async function listSettled(
  records: RecordStore,
  crew: string,
  before: number,
  slice: Slice,
): Promise<Entry[]> {
  const entries = await listEntries(records, [buildSettledIndex(crew)], slice);
  return entries.filter(({ place }) => place < buildPlace(before, ''));
}

/** Counts by state. Index entries hold the state of their approval, so no record is read. */
export async function countOpen(
  records: RecordStore,
  crew: string,
  limit: number,
): ReturnType<ApprovalStore['openFigures']> {
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

export async function listRunChecks(records: RecordStore, until: number, limit: number) {
  const keys = await records.range(RUN_CHECKS, { limit });
  return keys.filter((key) => key < buildRunCheckBound(until)).map(readRunCheckKey);
}

export async function readNewestFactTime(records: RecordStore): Promise<number | undefined> {
  const [key] = await records.range(FACTS, { limit: 1, reverse: true });
  return key === undefined ? undefined : readFactTime(key);
}

/** Ids of approvals that begin with a prefix. */
export async function findApprovals(records: RecordStore, prefix: string, limit: number): Promise<string[]> {
  return (await findKeys(records, 'approval', encode(prefix), limit)).map(readId);
}

/** Executions whose ids begin with a prefix; those of the exact id alone if there are any. */
export async function findExecutions(
  records: RecordStore,
  prefix: string,
  limit: number,
): Promise<{ crew: string; executionId: string }[]> {
  // Longer ids may come before the exact id in the order of keys, so the exact id is looked for first.
  const exact = await records.range(`execution/${encode(prefix)}`, { limit });
  const keys = exact.length > 0 ? exact : await findKeys(records, 'execution', encode(prefix), limit);
  return keys.map(readExecutionKey);
}

async function findKeys(
  records: RecordStore,
  index: string,
  prefix: string,
  limit: number,
): Promise<string[]> {
  const start = `${index}/${prefix}`;
  const exact = (await records.has(start)) ? [start] : [];
  const keys = await records.range(index, { after: start, limit });
  return [...exact, ...keys.filter((key) => key.startsWith(start))].slice(0, limit);
}
