import { z } from 'zod';
import { type Approval, approvalSchema, currentRound } from '../approval/model/approval.ts';
import type { NamedOutput } from '../approval/model/output.ts';
import { listOutputHashes } from '../approval/model/round.ts';
import { type Execution, executionSchema } from '../approval/model/run/execution.ts';
import { kickoffSchema } from '../approval/model/run/kickoff.ts';
import type { ApprovalStore, ApprovalWrite, Log, Stored } from '../approval/ports.ts';
import {
  countOpen,
  findApprovals,
  findExecutions,
  listDue,
  listEntries,
  listRunChecks,
  listSettled,
  readNewestFactTime,
} from './approval-lists.ts';
import {
  buildAliasKey,
  buildApprovalKey,
  buildCreatedIndex,
  buildDecidedIndex,
  buildDeciderIndex,
  buildExecutionKey,
  buildFactKey,
  buildIndexKeys,
  buildKickoffKey,
  buildOutputKey,
  buildResultKey,
  buildRunCheckKeys,
  buildWaitingIndex,
} from './keys.ts';
import {
  buildKickoffWrite,
  forgetKickoff,
  listDueKickoffs,
  listKickoffs,
  saveKickoff,
} from './kickoff-records.ts';
import type { Commit, Compared, RecordStore } from './record-store.ts';
import {
  createSerializedRecords,
  readOutputAt,
  readRecord,
  type SerializedRecords,
  serializeRecord,
} from './serialized-records.ts';

/** The records of approvals on a record store. */
export function createApprovalStore(records: RecordStore, log: Log): ApprovalStore {
  const parts = createSerializedRecords(records, log);
  return {
    approval: (id) => readRecord(parts, buildApprovalKey(id), approvalSchema),
    saveApproval: (previous, next, extra) => saveApproval(parts, previous, next, extra),
    forget: (stored) => forgetApproval(parts, stored),
    output: (approvalId, hash) => readOutputAt(parts, buildOutputKey(approvalId, hash)),
    execution: (crew, executionId) =>
      readRecord(parts, buildExecutionKey(crew, executionId), executionSchema),
    saveExecution: (previous, next, extra) => saveExecution(parts, previous, next, extra),
    mergeExecution: (merge) => mergeExecution(parts, merge),
    result: (crew, executionId) => readOutputAt(parts, buildResultKey(crew, executionId)),
    kickoff: (id) => readRecord(parts, buildKickoffKey(id), kickoffSchema),
    saveKickoff: (previous, next) => saveKickoff(parts, { previous, next }),
    dueKickoffs: (until, limit) => listDueKickoffs(records, until, limit),
    kickoffs: (crews, slice) => listKickoffs(records, crews, slice),
    forgetKickoff: (stored) => forgetKickoff(parts, stored),
    saveAlias: (crew, alias, executionId) => saveAlias(parts, crew, alias, executionId),
    originalId: (crew, id) => readOriginalId(parts, crew, id),
    runsToCheck: (until, limit) => listRunChecks(records, until, limit),
    due: (until, page) => listDue(records, until, page),
    waiting: (crews, slice) => listEntries(records, crews.map(buildWaitingIndex), slice),
    decided: (crews, slice) => listEntries(records, crews.map(buildDecidedIndex), slice),
    decidedBy: (person, slice) => listEntries(records, [buildDeciderIndex(person)], slice),
    created: (crews, slice) => listEntries(records, crews.map(buildCreatedIndex), slice),
    settled: (crew, before, slice) => listSettled(records, crew, before, slice),
    openFigures: (crew, limit) => countOpen(records, crew, limit),
    newestFactAt: () => readNewestFactTime(records),
    approvalsBeginning: (prefix, limit) => findApprovals(records, prefix, limit),
    executionsBeginning: (prefix, limit) => findExecutions(records, prefix, limit),
  };
}

async function saveApproval(
  parts: SerializedRecords,
  previous: Stored<Approval> | undefined,
  next: Approval,
  { outputs, deadline }: Parameters<ApprovalStore['saveApproval']>[2] = {},
): Promise<boolean> {
  return parts.records.commit({
    key: buildApprovalKey(next.id),
    previousRaw: previous?.raw,
    ...(await buildApprovalChanges(parts, previous?.record, next, outputs)),
    ...(deadline === undefined ? {} : { deadline }),
  });
}

/** What is written when an approval changes: its record, its index entries, its new facts and new outputs. */
async function buildApprovalChanges(
  parts: SerializedRecords,
  previous: Approval | undefined,
  next: Approval,
  outputs: readonly NamedOutput[] = [],
): Promise<Pick<Commit, 'puts' | 'deletes'>> {
  const entries = buildIndexKeys(next);
  const former = previous ? buildIndexKeys(previous) : [];
  const { status } = currentRound(next);
  const newFacts = next.facts.filter((fact) => fact.seq > (previous?.factCount ?? 0));
  const subject = { approval: next.id, crew: next.crew, execution: next.executionId, task: next.task };
  return {
    puts: await Promise.all([
      serializeRecord(parts, buildApprovalKey(next.id), next),
      // Open approvals are counted by state without reading their records, so entries hold the state.
      ...entries.filter((key) => !former.includes(key)).map((key) => serializeRecord(parts, key, status)),
      ...newFacts.map((fact) => serializeRecord(parts, buildFactKey(next.id, fact), { ...fact, ...subject })),
      ...outputs.map(({ hash, output }) => serializeRecord(parts, buildOutputKey(next.id, hash), output)),
    ]),
    deletes: former.filter((key) => !entries.includes(key)),
  };
}

/** What is compared, written and deleted for approvals that are stored together with their execution. */
async function buildApprovalWrites(
  parts: SerializedRecords,
  writes: readonly ApprovalWrite[],
): Promise<{ compared: Compared[] } & Pick<Commit, 'puts' | 'deletes'>> {
  const changes = await Promise.all(
    writes.map(({ previous, next, outputs }) => buildApprovalChanges(parts, previous?.record, next, outputs)),
  );
  return {
    compared: writes.map(({ previous, next }) => ({
      key: buildApprovalKey(next.id),
      previousRaw: previous?.raw,
    })),
    puts: changes.flatMap(({ puts }) => puts),
    deletes: changes.flatMap(({ deletes }) => deletes),
  };
}

/** Deletes an approval with its outputs, and its execution with the last approval; its facts stay. */
async function forgetApproval(parts: SerializedRecords, { record, raw }: Stored<Approval>): Promise<boolean> {
  const { records } = parts;
  const key = buildApprovalKey(record.id);
  const outputs = record.rounds.flatMap(listOutputHashes).map((hash) => buildOutputKey(record.id, hash));
  const run = await readUnusedRun(parts, record, record.id);
  const deletes = [key, ...buildIndexKeys(record), ...new Set(outputs), ...(run?.keys ?? [])];
  // A run in which another approval was opened meanwhile is kept.
  const also = run && { key: run.keys[0] as string, previousRaw: run.raw };
  if (!(await records.commit({ key, previousRaw: raw, puts: [], deletes, ...(also ? { also } : {}) })))
    return false;
  // Another process may have deleted the run's other approvals meanwhile, so that neither process saw its own as the
  // last. A webhook may have opened this approval again.
  const unused = run ? undefined : await readUnusedRun(parts, record);
  if (unused) {
    const [execution = ''] = unused.keys;
    await records.commit({ key: execution, previousRaw: unused.raw, puts: [], deletes: unused.keys });
  }
  return true;
}

/** The execution of an approval and the keys of what is kept of it, if it has no approval except `except`. */
async function readUnusedRun(
  parts: SerializedRecords,
  { crew, executionId }: Approval,
  except?: string,
): Promise<{ raw: string; keys: string[] } | undefined> {
  const key = buildExecutionKey(crew, executionId);
  const stored = await readRecord(parts, key, executionSchema);
  if (!stored) return undefined;
  for (const id of stored.record.approvals)
    if (id !== except && (await parts.records.has(buildApprovalKey(id)))) return undefined;
  return { raw: stored.raw, keys: [key, buildResultKey(crew, executionId)] };
}

async function saveExecution(
  parts: SerializedRecords,
  previous: Stored<Execution> | undefined,
  next: Execution,
  { result, writes = [], kickoff }: Parameters<ApprovalStore['saveExecution']>[2] = {},
): Promise<boolean> {
  const key = buildExecutionKey(next.crew, next.executionId);
  const checks = compareRunChecks(previous?.record, next);
  const approvals = await buildApprovalWrites(parts, writes);
  const start = kickoff && (await buildKickoffWrite(parts, kickoff));
  const puts = await Promise.all([
    serializeRecord(parts, key, next),
    ...checks.added.map((check) => serializeRecord(parts, check, '')),
    ...(result ? [serializeRecord(parts, buildResultKey(next.crew, next.executionId), result)] : []),
  ]);
  // A new record under an id that has just become another run's alias would never be read again.
  const noAlias = previous
    ? []
    : [{ key: buildAliasKey(next.crew, next.executionId), previousRaw: undefined }];
  return parts.records.commit({
    key,
    previousRaw: previous?.raw,
    also: [...noAlias, ...approvals.compared, ...(start ? [start.compared] : [])],
    puts: [...puts, ...approvals.puts, ...(start?.puts ?? [])],
    deletes: [...checks.removed, ...approvals.deletes, ...(start?.deletes ?? [])],
  });
}

async function saveAlias(
  parts: SerializedRecords,
  crew: string,
  alias: string,
  executionId: string,
): Promise<void> {
  const key = buildAliasKey(crew, alias);
  const puts = [await serializeRecord(parts, key, executionId)];
  await parts.records.commit({ key, previousRaw: undefined, puts, deletes: [] });
}

/** The execution that an id stands for: itself, unless it is an alias. */
async function readOriginalId(parts: SerializedRecords, crew: string, id: string): Promise<string> {
  const alias = await readRecord(parts, buildAliasKey(crew, id), z.string());
  return alias?.record ?? id;
}

async function mergeExecution(
  parts: SerializedRecords,
  { alias, from, into, merged, writes, kickoff }: Parameters<ApprovalStore['mergeExecution']>[0],
): Promise<boolean> {
  const { crew, executionId } = merged;
  const key = buildExecutionKey(crew, executionId);
  const checks = compareRunChecks(into.record, merged);
  const approvals = await buildApprovalWrites(parts, writes);
  const start = kickoff && (await buildKickoffWrite(parts, kickoff));
  const moved = from?.record.hasResult ? await readOutputAt(parts, buildResultKey(crew, alias)) : undefined;
  const puts = await Promise.all([
    serializeRecord(parts, buildAliasKey(crew, alias), executionId),
    serializeRecord(parts, key, merged),
    ...checks.added.map((check) => serializeRecord(parts, check, '')),
    ...(moved && !into.record.hasResult
      ? [serializeRecord(parts, buildResultKey(crew, executionId), moved)]
      : []),
  ]);
  return parts.records.commit({
    key,
    previousRaw: into.raw,
    also: [
      { key: buildExecutionKey(crew, alias), previousRaw: from?.raw },
      { key: buildAliasKey(crew, alias), previousRaw: undefined },
      ...approvals.compared,
      ...(start ? [start.compared] : []),
    ],
    puts: [...puts, ...approvals.puts, ...(start?.puts ?? [])],
    deletes: [
      ...checks.removed,
      ...approvals.deletes,
      ...(start?.deletes ?? []),
      ...(from
        ? [buildExecutionKey(crew, alias), buildResultKey(crew, alias), ...buildRunCheckKeys(from.record)]
        : []),
    ],
  });
}

/** The entries in the index of run checks that a change of an execution adds and removes. */
function compareRunChecks(
  previous: Execution | undefined,
  next: Execution,
): { added: string[]; removed: string[] } {
  const [before, after] = [previous ? buildRunCheckKeys(previous) : [], buildRunCheckKeys(next)];
  return {
    added: after.filter((key) => !before.includes(key)),
    removed: before.filter((key) => !after.includes(key)),
  };
}
