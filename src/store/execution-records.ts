import { z } from 'zod';
import type { Execution } from '../approval/model/run/execution.ts';
import { toStoredExecution } from '../approval/model/stored-names.ts';
import type { ApprovalStore, Stored } from '../approval/ports.ts';
import { buildApprovalWrites } from './approval-records.ts';
import { buildAliasKey, buildExecutionKey, buildResultKey, buildRunCheckKeys } from './keys.ts';
import { buildKickoffWrite } from './kickoff-records.ts';
import { readOutputAt, readRecord, type SerializedRecords, serializeRecord } from './serialized-records.ts';

export async function saveExecution(
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
    serializeRecord(parts, key, toStoredExecution(next)),
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

export async function saveAlias(
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
export async function readOriginalId(parts: SerializedRecords, crew: string, id: string): Promise<string> {
  const alias = await readRecord(parts, buildAliasKey(crew, id), (value) => z.string().parse(value));
  return alias?.record ?? id;
}

export async function mergeExecution(
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
    serializeRecord(parts, key, toStoredExecution(merged)),
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
