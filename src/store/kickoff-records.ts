import { nextKickoffStep } from '../approval/kickoffs/kickoff-events.ts';
import { executionSchema } from '../approval/model/run/execution.ts';
import { type Kickoff, kickoffStatuses } from '../approval/model/run/kickoff.ts';
import type { Entry, KickoffWrite, Slice, Stored } from '../approval/ports.ts';
import { listEntries } from './approval-lists.ts';
import {
  buildExecutionKey,
  buildFactKey,
  buildKickoffKey,
  buildPlace,
  buildResultKey,
  buildRunCheckKeys,
  buildStartedIndex,
  KICKOFF_DUE,
  readId,
  readPlace,
} from './keys.ts';
import type { Commit, Compared, RecordStore } from './record-store.ts';
import { readRecord, type SerializedRecords, serializeRecord } from './serialized-records.ts';

export async function saveKickoff(parts: SerializedRecords, write: KickoffWrite): Promise<boolean> {
  const { compared, ...changes } = await buildKickoffWrite(parts, write);
  return parts.records.commit({ ...compared, ...changes });
}

/** What is compared, written and deleted when the start of a run changes; nothing for none. */
export async function buildKickoffWrite(
  parts: SerializedRecords,
  { previous, next }: KickoffWrite,
): Promise<{ compared: Compared } & Pick<Commit, 'puts' | 'deletes'>> {
  const key = buildKickoffKey(next.id);
  const entries = buildEntries(next);
  const former = previous ? buildEntries(previous.record) : [];
  const isNews = previous?.record.status !== next.status;
  return {
    compared: { key, previousRaw: previous?.raw },
    puts: await Promise.all([
      serializeRecord(parts, key, next),
      ...entries.filter((entry) => !former.includes(entry)).map((entry) => serializeRecord(parts, entry, '')),
      ...(isNews ? [serializeFact(parts, next)] : []),
    ]),
    deletes: former.filter((entry) => !entries.includes(entry)),
  };
}

/** Its inputs are not part of the audit's facts, which outlive what people wrote. */
function serializeFact(parts: SerializedRecords, kickoff: Kickoff) {
  const { id, crew, by, status, executionId = '', changedAt } = kickoff;
  const fact = { seq: kickoffStatuses.indexOf(status) + 1, at: changedAt, what: `run_${status}` };
  const subject = { approval: '', kickoff: id, crew, execution: executionId };
  const who = status === 'starting' ? { by } : {};
  return serializeRecord(parts, buildFactKey(id, fact), { ...fact, ...who, ...subject });
}

function buildEntries(kickoff: Kickoff): string[] {
  const due = nextKickoffStep(kickoff)?.at;
  return [
    `${buildStartedIndex(kickoff.crew)}${buildPlace(kickoff.createdAt, kickoff.id)}`,
    ...(due === undefined ? [] : [`${KICKOFF_DUE}${buildPlace(due, kickoff.id)}`]),
  ];
}

/** The ids of those of which something is due by then, the longest due first. */
export async function listDueKickoffs(records: RecordStore, until: number, limit: number): Promise<string[]> {
  const keys = await records.range(KICKOFF_DUE, { limit });
  return keys.filter((key) => readPlace(key) < buildPlace(until, '~')).map(readId);
}

/** Runs of these crews that were started from Slack, by the time of their start. */
export function listKickoffs(records: RecordStore, crews: readonly string[], slice: Slice): Promise<Entry[]> {
  return listEntries(records, crews.map(buildStartedIndex), slice);
}

/** Deletes the start of a run, and its record and result where they belong to no approval. */
export async function forgetKickoff(
  parts: SerializedRecords,
  { record, raw }: Stored<Kickoff>,
): Promise<boolean> {
  const { id, crew, executionId } = record;
  const key = buildKickoffKey(id);
  const runKey = buildExecutionKey(crew, executionId ?? '');
  const run = executionId === undefined ? undefined : await readRecord(parts, runKey, executionSchema);
  const alone = run && run.record.approvals.length === 0 && run.record.thread?.kickoff === id;
  return parts.records.commit({
    key,
    previousRaw: raw,
    puts: [],
    deletes: [
      key,
      ...buildEntries(record),
      ...(alone ? [runKey, buildResultKey(crew, executionId ?? ''), ...buildRunCheckKeys(run.record)] : []),
    ],
    ...(alone ? { also: { key: runKey, previousRaw: run.raw } } : {}),
  });
}
