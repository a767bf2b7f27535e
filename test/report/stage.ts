import { expect } from 'vitest';
import { openApproval } from '../../src/approval/lifecycle/rounds.ts';
import { transition } from '../../src/approval/lifecycle/transitions.ts';
import { type Approval, addFact, type Fact } from '../../src/approval/model/approval.ts';
import { DEFAULT_POLICY } from '../../src/approval/model/crew/task-rules.ts';
import { attachHash, type Output } from '../../src/approval/model/output.ts';
import type { Round } from '../../src/approval/model/round.ts';
import { createRunRecord, withApproval } from '../../src/approval/model/run/run-record.ts';
import type { Stored } from '../../src/approval/ports.ts';
import { type ReportOptions, writeReport } from '../../src/report/write-report.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { createHistoryReader } from '../../src/store/history-reader.ts';
import { anOutput, decideBy } from '../approval/builders.ts';
import { createMemoryRecords } from '../support/memory-records.ts';

const log = { info() {}, warn() {}, error() {} };
export const T0 = Date.UTC(2026, 0, 15, 12);
/** Creates a store with the history of approvals, and reports on it. */
export function createStage() {
  const { records } = createMemoryRecords();
  const store = createApprovalStore(records, log);
  return {
    records,
    store,
    /** Opens an approval in a run of its own. With `decidedAt` it is also decided. */
    async add(
      id: string,
      {
        at = T0,
        text = 'Pay 5 EUR.',
        task = 'pay',
        crew = 'press',
        decidedAt,
        feedback = '',
        kind = 'text',
      }: Partial<{
        at: number;
        text: string;
        task: string;
        crew: string;
        decidedAt: number;
        feedback: string;
        kind: Output['kind'];
      }> = {},
    ): Promise<void> {
      const output: Output = { kind, text };
      const namedOutput = attachHash(output);
      const head = { id, crew, executionId: `run-${id}`, task, channel: 'CAPPROVALS', urls: {} };
      const opened = openApproval({ ...head, policy: DEFAULT_POLICY }, anOutput(namedOutput.hash, { at }));
      const run = withApproval(createRunRecord({ name: crew }, head.executionId), opened);
      const approvals = [{ previous: undefined, next: opened, outputs: [namedOutput] }];
      expect(await store.save({ approvals, run: { previous: undefined, next: run } })).toBe(true);
      if (decidedAt === undefined) return;
      const previous = (await store.approval(id)) as Stored<Approval>;
      const event = decideBy('UANA12345', { at: decidedAt, round: 1, feedback });
      const decided = transition(previous.record, event) as { approval: Approval };
      expect(await store.save({ approvals: [{ previous, next: decided.approval }] })).toBe(true);
    },
    /** Adds facts and changes to the first round of an approval. */
    async tell(
      id: string,
      facts: readonly Omit<Fact, 'seq' | 'round'>[],
      { round = {}, ...changes }: Partial<Omit<Approval, 'rounds'>> & { round?: Partial<Round> } = {},
    ): Promise<void> {
      const previous = (await store.approval(id)) as Stored<Approval>;
      const [first] = previous.record.rounds as [Round];
      const changed: Approval = { ...previous.record, ...changes, rounds: [{ ...first, ...round }] };
      const next = facts.reduce<Approval>((one, fact) => addFact(one, { round: 1, ...fact }), changed);
      expect(await store.save({ approvals: [{ previous, next }] })).toBe(true);
    },
    async report(more: Partial<ReportOptions> = {}) {
      let page = '';
      const pieces = writeReport(createHistoryReader(records), {
        ...{ since: 0, until: Number.MAX_SAFE_INTEGER, madeAt: T0, longestText: 5_000 },
        ...more,
      });
      let next = await pieces.next();
      for (; !next.done; next = await pieces.next()) page += next.value;
      return { page, ...next.value };
    },
  };
}

export const strip = (markup: string) => markup.replace(/<[^>]+>/g, '');
