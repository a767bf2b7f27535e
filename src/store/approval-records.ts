import { type Approval, currentRound } from '../approval/model/approval.ts';
import { readExecution } from '../approval/model/migrations.ts';
import type { NamedOutput } from '../approval/model/output.ts';
import { listOutputHashes } from '../approval/model/round.ts';
import { toStoredApproval } from '../approval/model/stored-names.ts';
import type { ApprovalStore, ApprovalWrite, Stored } from '../approval/ports.ts';
import {
  buildApprovalKey,
  buildExecutionKey,
  buildFactKey,
  buildIndexKeys,
  buildOutputKey,
  buildResultKey,
} from './keys.ts';
import type { Commit, Compared } from './record-store.ts';
import { readRecord, type SerializedRecords, serializeRecord } from './serialized-records.ts';

export async function saveApproval(
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
      serializeRecord(parts, buildApprovalKey(next.id), toStoredApproval(next)),
      // Open approvals are counted by state without reading their records, so entries hold the state.
      ...entries.filter((key) => !former.includes(key)).map((key) => serializeRecord(parts, key, status)),
      ...newFacts.map((fact) => serializeRecord(parts, buildFactKey(next.id, fact), { ...fact, ...subject })),
      ...outputs.map(({ hash, output }) => serializeRecord(parts, buildOutputKey(next.id, hash), output)),
    ]),
    deletes: former.filter((key) => !entries.includes(key)),
  };
}

/** What is compared, written and deleted for approvals that are stored together with their execution. */
export async function buildApprovalWrites(
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
export async function forgetApproval(
  parts: SerializedRecords,
  { record, raw }: Stored<Approval>,
): Promise<boolean> {
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
  const stored = await readRecord(parts, key, readExecution);
  if (!stored) return undefined;
  for (const id of stored.record.approvals)
    if (id !== except && (await parts.records.has(buildApprovalKey(id)))) return undefined;
  return { raw: stored.raw, keys: [key, buildResultKey(crew, executionId)] };
}
