import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Approval, addFact } from '../../src/approval/model/approval.ts';
import type { Decision } from '../../src/approval/model/decision.ts';
import { RECORD_VERSION } from '../../src/approval/model/record-version.ts';
import type { Execution } from '../../src/approval/model/run/execution.ts';
import type { ApprovalStore, Entry, Slice, Stored } from '../../src/approval/ports.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { type AuditLine, readAuditTrail } from '../../src/store/audit.ts';
import type { RecordStore } from '../../src/store/record-store.ts';
import { anApproval, aRound } from '../approval/builders.ts';
import { listKeys } from '../support/records.ts';

const T0 = 1_790_000_000_000;
const log = { info: () => {}, warn: () => {}, error: () => {} };

const idOf = (n: number) => `A${String(n).padStart(9, '0')}`;
const decision = (at: number, by = 'UANA', feedback = ''): Decision => ({
  action: 'approve',
  feedback,
  by,
  at,
});

/** Approvals by crew and time, what is deleted of them, and their audit: the same on every store. */
export function approvalListsContract(open: () => Promise<RecordStore>): void {
  let records: RecordStore;
  let store: ApprovalStore;
  let crews = 0;
  /** Tests share a store, and no crew or person. */
  let press: string;
  let budget: string;
  let ana: string;

  beforeAll(async () => {
    records = await open();
    store = createApprovalStore(records, log);
    return () => records.disconnect();
  });
  let begun: number;
  beforeEach(() => {
    crews += 1;
    press = `press-${crews}`;
    budget = `budget-${crews}`;
    ana = `UANA${crews}`;
    begun = T0 + crews * 1_000_000_000;
  });

  const unique = (n: number) => `${String(crews).padStart(3, '0')}${idOf(n).slice(3)}`;

  async function stored(n: number, more: Partial<Approval> = {}): Promise<Approval> {
    const approval = anApproval([aRound({ receivedAt: begun + n })], {
      id: unique(n),
      crew: press,
      executionId: `run-${crews}-${n}`,
      createdAt: begun + n,
      facts: [{ seq: 1, at: begun + n, what: 'received', round: 1 }],
      ...more,
    });
    expect(await store.save({ approvals: [{ previous: undefined, next: approval }] })).toBe(true);
    return approval;
  }

  async function changed(approval: Approval, more: Partial<Approval>): Promise<Approval> {
    const next = { ...approval, ...more };
    const read = (await store.approval(approval.id)) as Stored<Approval>;
    expect(await store.save({ approvals: [{ previous: read, next }] })).toBe(true);
    return next;
  }

  const decided = (n: number, by = ana, at = begun + n, more: Partial<Approval> = {}) =>
    stored(n, {
      rounds: [{ ...aRound({ status: 'approved', decision: decision(at, by), settledAt: at }), number: 1 }],
      ...more,
    });

  const settled = async (before: number, limit: number) =>
    (await store.list('settled', [press], { until: begun + before - 1, limit })).map(({ id }) => id);

  async function slices(read: (slice: Slice) => Promise<Entry[]>, reverse: boolean, limit = 4) {
    const found: string[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await read({ limit, reverse, after });
      expect(page.length).toBeLessThanOrEqual(limit);
      found.push(...page.map(({ id }) => id));
      after = page.at(-1)?.place;
      if (page.length < limit) return found;
    }
  }

  describe('lists by time', () => {
    test('hold each approval once over all their pages, in either direction, over several crews', async () => {
      for (let n = 1; n <= 11; n += 1) await stored(n, { crew: n % 3 === 0 ? budget : press });
      const ids = Array.from({ length: 11 }, (_, n) => unique(n + 1));
      const both = [press, budget];
      for (const name of ['waiting', 'created'] as const) {
        expect(await slices((slice) => store.list(name, both, slice), false)).toEqual(ids);
        expect(await slices((slice) => store.list(name, both, slice), true)).toEqual([...ids].reverse());
        expect(await slices((slice) => store.list(name, [budget], slice), false)).toEqual(
          [3, 6, 9].map(unique),
        );
      }
    });

    test('of the same moment are told apart by their ids, none is left out at the end of a page', async () => {
      for (let n = 1; n <= 9; n += 1) await stored(n, { createdAt: begun });
      const ids = Array.from({ length: 9 }, (_, n) => unique(n + 1));
      expect(await slices((slice) => store.list('created', [press], slice), false, 2)).toEqual(ids);
      expect(await slices((slice) => store.list('created', [press], slice), true, 2)).toEqual(
        [...ids].reverse(),
      );
    });

    test('go on from a place that is not there any more, past what came meanwhile', async () => {
      const all = await Promise.all([1, 2, 3, 4].map((n) => stored(n)));
      const [first] = await store.list('waiting', [press], { limit: 2 });
      const [, second] = await store.list('waiting', [press], { limit: 2 });
      await changed(all[1] as Approval, { rounds: [aRound({ status: 'given_up', settledAt: begun })] });
      await stored(5);
      const rest = await store.list('waiting', [press], { limit: 10, after: second?.place });
      expect(rest.map(({ id }) => id)).toEqual([3, 4, 5].map(unique));
      const back = await store.list('waiting', [press], { limit: 10, after: second?.place, reverse: true });
      expect(back).toEqual([first]);
    });

    test('of a person hold what they decided by the time of their latest decision, of any crew', async () => {
      await decided(1);
      await decided(2, 'UBEN');
      await decided(3, ana, begun + 3, { crew: budget });
      await stored(4, {
        rounds: [
          { ...aRound({ status: 'revision_requested', decision: decision(begun + 9, ana) }), number: 1 },
          { ...aRound({ status: 'approved', decision: decision(begun + 20, 'UBEN') }), number: 2 },
        ],
      });
      expect(await slices((slice) => store.list('decidedBy', [ana], slice), true)).toEqual(
        [4, 3, 1].map(unique),
      );
      expect(await slices((slice) => store.list('decided', [press], slice), true)).toEqual(
        [4, 2, 1].map(unique),
      );
    });

    test('of what is settled hold nothing that waits for a person, and end at a time', async () => {
      await decided(1);
      await stored(2);
      await decided(3);
      const [refused] = await Promise.all([
        stored(4, {
          rounds: [aRound({ status: 'refused', decision: decision(begun + 4), settledAt: begun + 4 })],
        }),
        decided(5),
      ]);
      expect(await settled(5, 10)).toEqual([1, 3].map(unique));
      expect(await settled(6, 10)).toEqual([1, 3, 5].map(unique));
      expect(await settled(6, 2)).toEqual([1, 3].map(unique));
      expect(
        await slices((slice) => store.list('settled', [press], { ...slice, until: begun + 5 }), false, 1),
      ).toEqual([1, 3, 5].map(unique));
      await changed(refused, { rounds: [aRound({ status: 'given_up', settledAt: begun + 4 })] });
      expect(await settled(6, 10)).toEqual([1, 3, 4, 5].map(unique));
    });
  });

  describe('the figures of what is open', () => {
    const inState = (status: 'refused' | 'undelivered', at: number) =>
      aRound({ status, receivedAt: at, decision: decision(at), settledAt: at });

    test('are those of a crew, by state, with the time of the oldest; what was decided is in none', async () => {
      for (const n of [5, 3, 8]) await stored(n);
      await stored(4, { rounds: [inState('refused', begun + 4)] });
      await stored(6, { rounds: [inState('undelivered', begun + 6)] });
      await stored(1, { crew: budget });
      await decided(2);
      expect(await store.openFigures(press, 100)).toEqual({
        states: { waiting: 3, refused: 1, undelivered: 1 },
        oldestSince: begun + 3,
      });
      expect(await store.openFigures(budget, 100)).toMatchObject({ oldestSince: begun + 1 });
      expect(await store.openFigures(`${press}-other`, 100)).toEqual({
        states: { waiting: 0, refused: 0, undelivered: 0 },
      });
    });

    test('follow what becomes of an approval, and end at the limit', async () => {
      const approval = await stored(1);
      await stored(2);
      const sending = aRound({ status: 'sending', decision: decision(begun + 1), receivedAt: begun + 1 });
      await changed(approval, { rounds: [sending] });
      expect((await store.openFigures(press, 100)).states).toMatchObject({ waiting: 1, refused: 0 });
      await changed(approval, { rounds: [inState('refused', begun + 1)] });
      expect((await store.openFigures(press, 100)).states).toMatchObject({ waiting: 1, refused: 1 });
      await changed(approval, { rounds: [aRound({ status: 'approved', settledAt: begun + 9 })] });
      expect(await store.openFigures(press, 100)).toEqual({
        states: { waiting: 1, refused: 0, undelivered: 0 },
        oldestSince: begun + 2,
      });
      for (const n of [3, 4, 5]) await stored(n);
      expect((await store.openFigures(press, 3)).states.waiting).toBe(3);
    });
  });

  test('the newest fact of all approvals tells how far a clock was ahead', async () => {
    const later = T0 * 2 + crews;
    expect(await store.newestFactAt()).toBeLessThan(later);
    await stored(1, { facts: [{ seq: 1, at: later, what: 'received', round: 1 }] });
    await stored(2);
    expect(await store.newestFactAt()).toBe(later);
  });

  describe('what is forgotten', () => {
    const run = (executionId: string, approvals: string[]): Execution => ({
      v: RECORD_VERSION,
      crew: press,
      executionId,
      metaUrls: {},
      registeredUrls: {},
      warnings: [],
      approvals,
      humanInput: false,
      hasResult: true,
    });
    const output = (text: string) => ({ hash: text, output: { kind: 'text' as const, text } });
    const forget = async (id: string) => store.forget((await store.approval(id)) as Stored<Approval>);
    const keysOf = async (id: string) => {
      const indexes = ['approval', 'output', 'open', 'waiting', 'decided', 'created', 'decider', 'settled'];
      const found = await Promise.all(indexes.map((index) => listKeys(records, index, { limit: 10_000 })));
      return found.flat().filter((key) => key.includes(id));
    };

    test('is the record with its outputs and all its entries, and the run with its result once it was the last', async () => {
      const executionId = `run-${crews}`;
      const first = await decided(1, ana, begun, { executionId });
      const both = first.rounds.map((round) => ({ ...round, hashes: ['one'] }));
      const second = { ...aRound(), ...both[0], number: 2, hashes: ['two'] };
      const review = { options: [], stateHash: 'state of two' };
      await changed(first, { rounds: [...both, { ...second, review }] });
      for (const text of ['one', 'two', 'state of two']) {
        const read = (await store.approval(unique(1))) as Stored<Approval>;
        await store.save({ approvals: [{ previous: read, next: read.record, outputs: [output(text)] }] });
      }
      await decided(2, ana, begun, { executionId });
      await store.save({
        execution: {
          previous: undefined,
          next: run(executionId, [unique(1), unique(2)]),
          result: { kind: 'text', text: 'the result' },
        },
      });

      expect((await keysOf(unique(1))).length).toBeGreaterThan(5);
      expect(await forget(unique(1))).toBe(true);
      expect(await keysOf(unique(1))).toEqual([]);
      expect((await store.execution(press, executionId))?.record.approvals).toHaveLength(2);
      expect(await store.result(press, executionId)).toBeDefined();
      expect(await forget(unique(2))).toBe(true);
      expect(await store.execution(press, executionId)).toBeUndefined();
      expect(await store.result(press, executionId)).toBeUndefined();
    });

    test('leaves no run behind when two processes delete its approvals at once', async () => {
      const ids = [1, 2, 3].map(unique);
      const executionId = `run-${crews}`;
      for (const n of [1, 2, 3]) await decided(n, ana, begun, { executionId });
      await store.save({
        execution: {
          previous: undefined,
          next: run(executionId, ids),
          result: { kind: 'text', text: 'result' },
        },
      });
      expect(await Promise.all(ids.map(forget))).toEqual([true, true, true]);
      expect(await store.execution(press, executionId)).toBeUndefined();
      expect(await store.result(press, executionId)).toBeUndefined();
    });

    test('is nothing of what has changed meanwhile', async () => {
      const approval = await decided(1);
      const read = (await store.approval(approval.id)) as Stored<Approval>;
      await changed(approval, { tasksNoted: ['another'] });
      expect(await store.forget(read)).toBe(false);
      expect(await store.approval(approval.id)).toBeDefined();
      expect(await settled(100, 10)).toEqual([approval.id]);
    });
  });

  describe('the audit', () => {
    async function trail(
      since: number,
      until = Number.MAX_SAFE_INTEGER,
      crew: string | undefined = press,
    ): Promise<AuditLine[]> {
      const lines: AuditLine[] = [];
      const broken: string[] = [];
      for await (const line of readAuditTrail(records, store, { since, until, crew }, (key) =>
        broken.push(key),
      ))
        lines.push(line);
      expect(broken).toEqual([]);
      return lines;
    }

    test('has every fact once, the oldest first, also beyond a page and from some time until another', async () => {
      for (let n = 1; n <= 15; n += 1) {
        let approval = await stored(n, { crew: n % 5 === 0 ? budget : press });
        for (let i = 1; i <= 45; i += 1)
          approval = addFact(approval, {
            at: begun + 1_000 * i + n,
            what: 'reminded',
            round: 1,
            origin: 'x',
          });
        await changed(approval, {});
      }
      const all = await trail(begun);
      expect(all).toHaveLength(12 * 46);
      expect(new Set(all.map(({ approval, seq }) => `${approval}.${seq}`)).size).toBe(all.length);
      expect(all.map(({ at }) => at)).toEqual(all.map(({ at }) => at).sort((a, b) => a - b));
      const some = await trail(begun + 2_000, begun + 4_000);
      expect(some).toHaveLength(2 * 12);
      expect(await trail(begun, begun)).toEqual([]);
      expect(await trail(begun, Number.MAX_SAFE_INTEGER, budget)).toHaveLength(3 * 46);
    });

    test('tells what a decision said while its approval is kept, and that it was made after that', async () => {
      const said = decision(begun + 5, ana, 'Please, shorter');
      const approval = await stored(1);
      const fact = { at: begun + 5, what: 'decided', round: 1, by: ana, origin: 'card', detail: 'approve' };
      await changed(addFact(approval, fact), {
        rounds: [aRound({ status: 'approved', decision: said, settledAt: begun + 5 })],
      });
      expect(await trail(begun)).toMatchObject([
        { what: 'received', text: undefined },
        { ...fact, approval: unique(1), crew: press, task: 'draft', text: 'Please, shorter' },
      ]);
      const read = (await store.approval(approval.id)) as Stored<Approval>;
      expect(await store.forget(read)).toBe(true);
      const left = await trail(begun);
      expect(left).toMatchObject([{ what: 'received' }, { ...fact, text: undefined }]);
      expect(JSON.stringify(left)).not.toContain('shorter');
    });
  });
}
