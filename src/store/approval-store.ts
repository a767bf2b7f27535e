import { adoptFormerCards } from '../approval/card-facts.ts';
import { readApproval, readExecution, readKickoff } from '../approval/model/migrations.ts';
import type { ApprovalStore, Log } from '../approval/ports.ts';
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
import { forgetApproval, saveApproval } from './approval-records.ts';
import { mergeExecution, readOriginalId, saveAlias, saveExecution } from './execution-records.ts';
import {
  buildApprovalKey,
  buildCreatedIndex,
  buildDecidedIndex,
  buildDeciderIndex,
  buildExecutionKey,
  buildKickoffKey,
  buildOutputKey,
  buildResultKey,
  buildWaitingIndex,
} from './keys.ts';
import { forgetKickoff, listDueKickoffs, listKickoffs, saveKickoff } from './kickoff-records.ts';
import type { RecordStore } from './record-store.ts';
import { createSerializedRecords, readOutputAt, readRecord } from './serialized-records.ts';

/** The records of approvals on a record store. */
export function createApprovalStore(records: RecordStore, log: Log): ApprovalStore {
  const parts = createSerializedRecords(records, log);
  return {
    approval: (id) =>
      readRecord(parts, buildApprovalKey(id), (value) => adoptFormerCards(readApproval(value))),
    saveApproval: (previous, next, extra) => saveApproval(parts, previous, next, extra),
    forget: (stored) => forgetApproval(parts, stored),
    output: (approvalId, hash) => readOutputAt(parts, buildOutputKey(approvalId, hash)),
    execution: (crew, executionId) => readRecord(parts, buildExecutionKey(crew, executionId), readExecution),
    saveExecution: (previous, next, extra) => saveExecution(parts, previous, next, extra),
    mergeExecution: (merge) => mergeExecution(parts, merge),
    result: (crew, executionId) => readOutputAt(parts, buildResultKey(crew, executionId)),
    kickoff: (id) => readRecord(parts, buildKickoffKey(id), readKickoff),
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
