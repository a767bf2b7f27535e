import { describe, expect, test } from 'vitest';
import { type Approval, addFact } from '../../src/approval/model/approval.ts';
import type { Decision, Round } from '../../src/approval/model/round.ts';
import { createRunRecord, type RunRecord } from '../../src/approval/model/run/run-record.ts';
import type { ApprovalStore, ListName, Slice, Stored } from '../../src/approval/ports.ts';
import { StoreError } from '../../src/lib/errors.ts';
import { type AuditLine, readAuditTrail } from '../../src/store/audit.ts';
import { aDelivery, anApproval, approve, aRound } from '../approval/builders.ts';
import { createMemoryRecords } from '../support/memory-records.ts';
import { listIds, listKeys, putRecord } from '../support/records.ts';
import { describeEachStore } from './support.ts';

const decision = (at: number, by = 'UANA', feedback = ''): Decision => ({ ...approve, feedback, by, at });
const RESULT = { kind: 'text', text: 'the result' } as const;

describeEachStore((each) => {
  const idOf = (n: number) => `${String(each.number).padStart(3, '0')}${String(n).padStart(7, '0')}`;
  const idsOf = (...numbers: number[]) => numbers.map(idOf);
  const budget = () => `budget-${each.number}`;
  const ana = () => `UANA${each.number}`;
  const read = async (id: string) => (await each.store.approval(id)) as Stored<Approval>;

  async function stored(n: number, more: Partial<Approval> = {}): Promise<Approval> {
    const at = each.begun + n;
    const approval = anApproval([aRound({ receivedAt: at })], {
      id: idOf(n),
      crew: each.press,
      executionId: `run-${each.number}-${n}`,
      createdAt: at,
      facts: [{ seq: 1, at, what: 'received', round: 1 }],
      ...more,
    });
    expect(await each.store.save({ approvals: [{ previous: undefined, next: approval }] })).toBe(true);
    return approval;
  }

  async function change(approval: Approval, more: Partial<Approval>): Promise<Approval> {
    const next = { ...approval, ...more };
    const previous = await read(approval.id);
    expect(await each.store.save({ approvals: [{ previous, next }] })).toBe(true);
    return next;
  }

  const givenUp = (settledAt = each.begun) => ({ rounds: [aRound({ status: 'given_up', settledAt })] });

  function decided(n: number, by = ana(), more: Partial<Approval> = {}) {
    const at = each.begun + n;
    const round = aRound({ status: 'approved', decision: decision(at, by), settledAt: at });
    return stored(n, { rounds: [round], ...more });
  }

  const list = (name: ListName, owners: string[], slice: Partial<Slice> = {}) =>
    listIds(each.store, name, owners, { limit: 10, ...slice });

  /** A whole list, page by page. */
  async function listAll(name: ListName, owners: string[], { limit = 4, ...slice }: Partial<Slice> = {}) {
    const found: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await each.store.list(name, owners, { limit, after, ...slice });
      expect(page.length).toBeLessThanOrEqual(limit);
      found.push(...page.map(({ id }) => id));
      after = page.at(-1)?.place;
      if (page.length < limit) return found;
    }
  }

  describe('lists by time', () => {
    test('hold each approval once over all their pages, in either direction, over several crews', async () => {
      for (let n = 1; n <= 11; n += 1) await stored(n, { crew: n % 3 === 0 ? budget() : each.press });
      const ids = idsOf(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
      for (const name of ['waiting', 'created'] as const) {
        expect(await listAll(name, [each.press, budget()])).toEqual(ids);
        expect(await listAll(name, [each.press, budget()], { reverse: true })).toEqual([...ids].reverse());
        expect(await listAll(name, [budget()])).toEqual(idsOf(3, 6, 9));
      }
    });

    test('tell approvals of the same moment apart by their ids, also at the end of a page', async () => {
      for (let n = 1; n <= 9; n += 1) await stored(n, { createdAt: each.begun });
      const ids = idsOf(1, 2, 3, 4, 5, 6, 7, 8, 9);
      expect(await listAll('created', [each.press], { limit: 2 })).toEqual(ids);
      expect(await listAll('created', [each.press], { limit: 2, reverse: true })).toEqual(ids.reverse());
    });

    test('go on from a place that has left the list, past what came meanwhile', async () => {
      const all = await Promise.all([1, 2, 3, 4].map((n) => stored(n)));
      const [first, second] = await each.store.list('waiting', [each.press], { limit: 2 });
      await change(all[1] as Approval, givenUp());
      await stored(5);
      expect(await list('waiting', [each.press], { after: second?.place })).toEqual(idsOf(3, 4, 5));
      const back = { limit: 10, after: second?.place, reverse: true };
      expect(await each.store.list('waiting', [each.press], back)).toEqual([first]);
    });

    test('of a person hold what they decided by the time of their latest decision, of any crew', async () => {
      await decided(1);
      await decided(2, 'UBEN');
      await decided(3, ana(), { crew: budget() });
      const rounds = [
        aRound({ status: 'revision_requested', decision: decision(each.begun + 9, ana()) }),
        aRound({ number: 2, status: 'approved', decision: decision(each.begun + 20, 'UBEN') }),
      ];
      await stored(4, { rounds });
      expect(await listAll('decidedBy', [ana()], { reverse: true })).toEqual(idsOf(4, 3, 1));
      expect(await listAll('decided', [each.press], { reverse: true })).toEqual(idsOf(4, 2, 1));
    });

    test('of what is settled hold nothing that waits for a person, and end at a time', async () => {
      const { begun } = each;
      const settled = (after: number, limit = 10) =>
        list('settled', [each.press], { until: begun + after, limit });
      await decided(1);
      await stored(2);
      await decided(3);
      const refused = aRound({ status: 'refused', decision: decision(begun + 4), settledAt: begun + 4 });
      const approval = await stored(4, { rounds: [refused] });
      await decided(5);
      expect(await settled(4)).toEqual(idsOf(1, 3));
      expect(await settled(5)).toEqual(idsOf(1, 3, 5));
      expect(await settled(5, 2)).toEqual(idsOf(1, 3));
      expect(await listAll('settled', [each.press], { until: begun + 5, limit: 1 })).toEqual(idsOf(1, 3, 5));
      await change(approval, givenUp(begun + 4));
      expect(await settled(5)).toEqual(idsOf(1, 3, 4, 5));
    });
  });

  describe('the figures of what is open', () => {
    const inState = (status: 'sending' | 'refused' | 'undelivered', n: number) => {
      const at = each.begun + n;
      const settled = status === 'sending' ? {} : { settledAt: at };
      return { rounds: [aRound({ status, receivedAt: at, decision: decision(at), ...settled })] };
    };
    const figures = (crew = each.press, limit = 100) => each.store.openFigures(crew, limit);

    test('count the approvals of a crew by state, with the time of the oldest, without those decided', async () => {
      for (const n of [5, 3, 8]) await stored(n);
      await stored(4, inState('refused', 4));
      await stored(6, inState('undelivered', 6));
      await stored(1, { crew: budget() });
      await decided(2);
      const states = { waiting: 3, refused: 1, undelivered: 1 };
      expect(await figures()).toEqual({ states, oldestSince: each.begun + 3 });
      expect(await figures(budget())).toMatchObject({ oldestSince: each.begun + 1 });
      const none = { states: { waiting: 0, refused: 0, undelivered: 0 } };
      expect(await figures(`${each.press}-other`)).toEqual(none);
    });

    test('follow what becomes of an approval, and end at the limit', async () => {
      const approval = await stored(1);
      await stored(2);
      await change(approval, inState('sending', 1));
      expect((await figures()).states).toMatchObject({ waiting: 1, refused: 0 });
      await change(approval, inState('refused', 1));
      expect((await figures()).states).toMatchObject({ waiting: 1, refused: 1 });
      await change(approval, { rounds: [aRound({ status: 'approved', settledAt: each.begun + 9 })] });
      const states = { waiting: 1, refused: 0, undelivered: 0 };
      expect(await figures()).toEqual({ states, oldestSince: each.begun + 2 });
      for (const n of [3, 4, 5]) await stored(n);
      expect((await figures(each.press, 3)).states.waiting).toBe(3);
    });
  });

  test('decisions on their way are counted by crew, since they can be sent, without answers for programs', async () => {
    const figures = (crew = each.press, limit = 100) => each.store.sendingFigures(crew, limit);
    const onItsWay = (n: number, more: Partial<Round> = {}) => {
      const at = each.begun + n;
      return {
        rounds: [
          aRound({ status: 'sending', decision: decision(at), delivery: aDelivery({ since: at }), ...more }),
        ],
      };
    };
    await stored(1);
    await stored(2, onItsWay(2, { question: { id: 'q', digest: 'd', freeText: 'none' } }));
    expect(await figures()).toEqual({ count: 0 });
    const late = await stored(5, onItsWay(5));
    const undone = { since: each.begun + 3, undoUntil: each.begun + 9 };
    const early = await stored(3, onItsWay(3, { delivery: aDelivery(undone) }));
    await stored(4, { crew: budget(), ...onItsWay(4) });
    expect(await figures()).toEqual({ count: 2, oldestSince: each.begun + 5 });
    expect(await figures(each.press, 1)).toEqual({ count: 1, oldestSince: each.begun + 5 });
    expect(await figures(budget())).toEqual({ count: 1, oldestSince: each.begun + 4 });
    await change(late, { rounds: [aRound({ status: 'approved', settledAt: each.begun + 6 })] });
    expect(await figures()).toEqual({ count: 1, oldestSince: each.begun + 9 });
    await change(early, onItsWay(3, { status: 'undelivered' }));
    expect(await figures()).toEqual({ count: 0 });
    // It is sent again because a person said so.
    await change(early, onItsWay(20));
    expect(await figures()).toEqual({ count: 1, oldestSince: each.begun + 20 });
  });

  describe('an approval that is forgotten', () => {
    const executionId = () => `run-${each.number}`;
    const forget = async (id: string) => each.store.forget(await read(id));
    const run = () => each.store.run(each.press, executionId());
    const result = () => each.store.result(each.press, executionId());
    const isIdle = async () =>
      (await listIds(each.store, 'idleRuns', 'all', { limit: 10_000 })).includes(executionId());

    async function decideAllOfRun(...numbers: number[]): Promise<Approval[]> {
      const all = numbers.map((n) => decided(n, ana(), { executionId: executionId() }));
      const approvals = await Promise.all(all);
      const next = createRunRecord({ name: each.press }, executionId());
      const write = { previous: undefined, next: { ...next, approvals: idsOf(...numbers) } };
      await each.store.save({ run: { ...write, result: RESULT } });
      return approvals;
    }

    test('takes its outputs and all its entries with it; its run goes on without it, and is idle without its last', async () => {
      const [first] = (await decideAllOfRun(1, 2)) as [Approval];
      const [round] = first.rounds.map((one) => ({ ...one, hashes: ['one'] }));
      const review = { options: [], stateHash: 'state of two' };
      await change(first, { rounds: [round, { ...round, number: 2, hashes: ['two'], review }] as never });
      for (const text of ['one', 'two', 'state of two']) {
        const previous = await read(idOf(1));
        const outputs = [{ hash: text, output: { kind: 'text' as const, text } }];
        await each.store.save({ approvals: [{ previous, next: previous.record, outputs }] });
      }
      const keysOf = async (id: string) => {
        const kinds = ['approval', 'output', 'open', 'waiting', 'decided', 'created', 'decider', 'settled'];
        const all = await Promise.all(kinds.map((kind) => listKeys(each.records, kind, { limit: 10_000 })));
        return all.flat().filter((key) => key.includes(id));
      };
      expect((await keysOf(idOf(1))).length).toBeGreaterThan(5);
      expect(await forget(idOf(1))).toBe(true);
      expect(await keysOf(idOf(1))).toEqual([]);
      expect((await run())?.record.approvals).toEqual([idOf(2)]);
      expect([await isIdle(), await result()]).toEqual([false, RESULT]);
      expect(await forget(idOf(2))).toBe(true);
      expect([await isIdle(), await result()]).toEqual([true, RESULT]);
      expect(await each.store.forgetRun((await run()) as Stored<RunRecord>)).toBe(true);
      expect([await isIdle(), await run(), await result()]).toEqual([false, undefined, undefined]);
    });

    test('leaves nothing behind in its run when several processes delete all of them at once', async () => {
      let left = await decideAllOfRun(1, 2, 3);
      while (left.length > 0) {
        const deleted = await Promise.all(left.map(({ id }) => forget(id)));
        expect(deleted).toContain(true);
        left = left.filter((_, index) => !deleted[index]);
      }
      expect((await run())?.record.approvals).toEqual([]);
      expect(await isIdle()).toBe(true);
    });

    test('is kept when it has changed meanwhile', async () => {
      const approval = await decided(1);
      const before = await read(approval.id);
      await change(approval, { tasksNoted: ['another'] });
      expect(await each.store.forget(before)).toBe(false);
      expect(await each.store.approval(approval.id)).toBeDefined();
      expect(await list('settled', [each.press])).toEqual([approval.id]);
    });
  });

  describe('the audit', () => {
    async function readTrail(from = 0, to = Number.MAX_SAFE_INTEGER, crew = each.press) {
      const period = { since: each.begun + from, until: each.begun + to, crew };
      const lines: AuditLine[] = [];
      const unreadable: string[] = [];
      const { records, store } = each;
      const trail = readAuditTrail(records, store, period, (key) => unreadable.push(key));
      for await (const line of trail) lines.push(line);
      expect(unreadable).toEqual([]);
      return lines;
    }

    test('has every fact of a period once, the oldest first, also beyond a page', async () => {
      for (let n = 1; n <= 15; n += 1) {
        let approval = await stored(n, { crew: n % 5 === 0 ? budget() : each.press });
        for (let i = 1; i <= 45; i += 1)
          approval = addFact(approval, { at: each.begun + 1_000 * i + n, what: 'reminded', round: 1 });
        await change(approval, {});
      }
      const all = await readTrail();
      expect(all).toHaveLength(12 * 46);
      expect(new Set(all.map(({ approval, seq }) => `${approval}.${seq}`)).size).toBe(all.length);
      expect(all.map(({ at }) => at)).toEqual(all.map(({ at }) => at).sort((a, b) => a - b));
      expect(await readTrail(2_000, 4_000)).toHaveLength(2 * 12);
      expect(await readTrail(0, 0)).toEqual([]);
      expect(await readTrail(0, undefined, budget())).toHaveLength(3 * 46);
    });

    test('has the text of a decision while its approval is kept, and afterwards only that it was made', async () => {
      const at = each.begun + 5;
      const approval = await stored(1);
      const fact = { at, what: 'decided', round: 1, by: ana(), origin: 'card', detail: 'approve' } as const;
      const said = decision(at, ana(), 'Please, shorter');
      const rounds = [aRound({ status: 'approved', decision: said, settledAt: at })];
      await change(addFact(approval, fact), { rounds });
      const line = { ...fact, approval: idOf(1), crew: each.press, task: 'draft', text: 'Please, shorter' };
      const [received, ...rest] = await readTrail();
      expect([received?.what, received?.text]).toEqual(['received', undefined]);
      expect(rest).toMatchObject([line]);
      expect(await each.store.forget(await read(approval.id))).toBe(true);
      const left = await readTrail();
      expect(left).toMatchObject([{ what: 'received' }, fact]);
      expect(left.map(({ text }) => text)).toEqual([undefined, undefined]);
      expect(JSON.stringify(left)).not.toContain('shorter');
    });
  });
});

describe('an audit', () => {
  const run = { approval: 'A', crew: 'c', execution: 'e' };
  const fact = { seq: 1, at: 5, what: 'decided', round: 1, by: 'UANA', ...run };

  async function readTrail(approval: ApprovalStore['approval']) {
    const { records } = createMemoryRecords();
    const facts = [JSON.stringify({ value: fact }), '{"value":{"seq":"two"}}', 'broken'];
    for (const [n, raw] of facts.entries())
      await putRecord(records, `fact/00000000000000${5 + n}/A/${n}`, raw);
    const unreadable: string[] = [];
    const lines: AuditLine[] = [];
    const store = { start: async () => undefined, approval };
    const trail = readAuditTrail(records, store, { since: 0, until: 10 }, (key) => unreadable.push(key));
    for await (const line of trail) lines.push(line);
    return { lines, unreadable };
  }

  test('names each fact that cannot be read and goes on', async () => {
    const { lines, unreadable } = await readTrail(async () => undefined);
    expect(lines).toEqual([{ ...fact, text: undefined }]);
    expect(unreadable).toEqual(['fact/000000000000006/A/1', 'fact/000000000000007/A/2']);
  });

  test('ends when the store fails', async () => {
    const failWith = (error: Error) => readTrail(() => Promise.reject(error));
    await expect(failWith(new StoreError('gone', undefined))).rejects.toThrow('gone');
  });
});
