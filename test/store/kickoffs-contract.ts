import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { applyKickoffEvent, type KickoffEvent } from '../../src/approval/kickoffs/kickoff-events.ts';
import { type Execution, newExecution } from '../../src/approval/model/run/execution.ts';
import { type Kickoff, threadOf } from '../../src/approval/model/run/kickoff.ts';
import type { ApprovalStore, Slice, Stored } from '../../src/approval/ports.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { readAuditTrail } from '../../src/store/audit.ts';
import type { RecordStore } from '../../src/store/record-store.ts';
import { anApproval, aRound } from '../approval/builders.ts';
import { aKickoff } from '../approval/kickoffs/records.ts';
import { listIds, listKeys, putRecord } from '../support/records.ts';

const T0 = 1_790_000_000_000;
const log = { info: () => {}, warn: () => {}, error: () => {} };
const RESULT = { kind: 'text', text: 'the result' } as const;

/** The starts of runs: what is kept, listed, due and deleted of them, the same on every store. */
export function kickoffsContract(open: () => Promise<RecordStore>): void {
  let records: RecordStore;
  let store: ApprovalStore;
  let crews = 0;
  /** Tests share a store, and no crew. */
  let press: string;
  let begun: number;

  beforeAll(async () => {
    records = await open();
    store = createApprovalStore(records, log);
    return () => records.disconnect();
  });
  beforeEach(() => {
    crews += 1;
    press = `press-${crews}`;
    begun = T0 + crews * 1_000_000_000;
  });

  const idOf = (n: number) => `00000000-0000-4000-8000-${String(crews * 1_000 + n).padStart(12, '0')}`;
  const startOf = (n: number, more: Partial<Kickoff> = {}) =>
    aKickoff({ id: idOf(n), crew: press, createdAt: begun + n, changedAt: begun + n, ...more });
  const read = async (n: number) => (await store.kickoff(idOf(n))) as Stored<Kickoff>;

  async function stored(n: number, more: Partial<Kickoff> = {}): Promise<Kickoff> {
    const kickoff = startOf(n, more);
    expect(await store.save({ kickoff: { previous: undefined, next: kickoff } })).toBe(true);
    return kickoff;
  }

  async function happens(n: number, ...events: KickoffEvent[]): Promise<void> {
    for (const event of events) {
      const before = await read(n);
      expect(
        await store.save({ kickoff: { previous: before, next: applyKickoffEvent(before.record, event) } }),
      ).toBe(true);
    }
  }

  const due = async (until: number) =>
    (await listIds(store, 'dueKickoffs', 'all', { until, limit: 1_000 })).filter((id) =>
      id.startsWith(idOf(0).slice(0, -3)),
    );
  const keysOf = async (text: string) => {
    const kinds = ['kickoff', 'kickoffdue', 'started', 'execution', 'result', 'runcheck'];
    const all = await Promise.all(kinds.map((kind) => listKeys(records, kind, { limit: 10_000 })));
    return all.flat().filter((key) => key.includes(text));
  };

  describe('the start of a run', () => {
    test('is kept as it is, with inputs of any kind', async () => {
      const inputs = {
        topic: 'Größe 😀\n"x"',
        count: 3,
        nested: { list: [null, true, 'a/b'] },
        nul: 'a\u0000b',
      };
      const kickoff = await stored(1, { inputs });
      expect((await read(1)).record).toEqual(kickoff);
      expect(await store.kickoff(idOf(2))).toBeUndefined();
    });

    test('is recorded once when its form is submitted twenty times at once', async () => {
      const all = Array.from({ length: 20 }, (_, n) =>
        store.save({ kickoff: { previous: undefined, next: startOf(1, { inputs: { n } }) } }),
      );
      expect((await Promise.all(all)).filter(Boolean)).toHaveLength(1);
      expect(await keysOf(idOf(1))).toHaveLength(3);
    });

    test('is changed only over what was read', async () => {
      await stored(1);
      const before = await read(1);
      await happens(1, { type: 'called', at: begun + 5 });
      expect(
        await store.save({ kickoff: { previous: before, next: { ...before.record, status: 'failed' } } }),
      ).toBe(false);
      expect((await read(1)).record).toMatchObject({ status: 'starting', calledAt: begun + 5 });
    });

    test('is saved with its run, or neither is', async () => {
      await stored(1);
      const previous = await read(1);
      const next = { ...previous.record, tied: true as const };
      const run = { ...newExecution({ name: press }, 'run-1') };
      await happens(1, { type: 'called', at: begun + 5 });
      expect(
        await store.save({ execution: { previous: undefined, next: run }, kickoff: { previous, next } }),
      ).toBe(false);
      expect(await store.execution(press, 'run-1')).toBeUndefined();
      const again = { previous: await read(1), next };
      expect(await store.save({ execution: { previous: undefined, next: run }, kickoff: again })).toBe(true);
      expect((await read(1)).record.tied).toBe(true);
      expect(await store.execution(press, 'run-1')).toBeDefined();
    });
  });

  describe('what is due of starts', () => {
    test('is listed by its time, the longest due first, and no more than asked for', async () => {
      const at = (notBefore: number) => ({ lane: { failures: 1, notBefore } });
      await stored(3, at(begun + 20));
      await stored(2, at(begun));
      await stored(1, at(begun + 10));
      expect(await due(begun - 1)).toEqual([]);
      expect(await due(begun)).toEqual([idOf(2)]);
      expect(await due(begun + 19)).toEqual([idOf(2), idOf(1)]);
      expect(await due(begun + 20)).toEqual([idOf(2), idOf(1), idOf(3)]);
      expect(
        (await listIds(store, 'dueKickoffs', 'all', { until: begun + 20, limit: 2 })).length,
      ).toBeLessThanOrEqual(2);
    });

    test('has one entry per start, which follows its leases and is gone when nothing is due', async () => {
      const message = { channel: 'CAPPROVALS', ts: '1.0', shown: 'x' };
      const kickoff = await stored(1, { message });
      expect(await due(begun)).toEqual([idOf(1)]);
      const lease = { owner: 'one/1', until: begun + 10_000 };
      await store.save({
        kickoff: { previous: await read(1), next: { ...kickoff, lane: { failures: 0, lease } } },
      });
      expect(await due(begun + 9_999)).toEqual([]);
      expect(await due(begun + 10_000)).toEqual([idOf(1)]);
      const shown = JSON.stringify(['running', 0, 'run-1', 0]);
      const runs = { ...kickoff, status: 'running', executionId: 'run-1', tied: true } as const;
      await store.save({
        kickoff: { previous: await read(1), next: { ...runs, message: { ...message, shown } } },
      });
      expect(await keysOf(`/${idOf(1)}`)).toEqual([
        `kickoff/${idOf(1)}`,
        expect.stringContaining(`started/${press}/`),
      ]);
    });
  });

  test('the starts of some crews are listed by their time, page by page, both ways', async () => {
    const budget = `budget-${crews}`;
    for (const n of [3, 1, 5]) await stored(n);
    for (const n of [2, 4]) await stored(n, { crew: budget });
    await stored(6, { crew: `${press}-other` });
    const list = async (names: string[], slice: Slice) =>
      (await store.list('kickoffs', names, slice)).map(({ id }) => Number(id.slice(-3)));
    expect(await list([press, budget], { limit: 10, reverse: true })).toEqual([5, 4, 3, 2, 1]);
    expect(await list([budget], { limit: 10 })).toEqual([2, 4]);
    const [first, second] = await store.list('kickoffs', [press, budget], { limit: 2, reverse: true });
    expect([first?.id, second?.id]).toEqual([idOf(5), idOf(4)]);
    expect(await list([press, budget], { limit: 2, reverse: true, after: second?.place })).toEqual([3, 2]);
    expect(await list([], { limit: 10 })).toEqual([]);
  });

  test('the audit has what became of a start and who asked for it, and its inputs as long as it is kept', async () => {
    await stored(1, { inputs: { topic: 'a plan' }, hidden: ['api_key'] });
    const outcome = { kind: 'started', executionId: 'run-1' } as const;
    await happens(1, { type: 'called', at: begun + 5 });
    await happens(1, { type: 'answered', at: begun + 6, outcome, backoffMs: 0, silentAfterMs: 0 });
    await happens(1, { type: 'run_failed', at: begun + 7, reason: 'a secret reason' });
    const lines = [];
    const period = { since: begun, until: begun + 1_000_000, crew: press };
    for await (const line of readAuditTrail(records, store, period, () => {})) lines.push(line);
    expect(lines).toMatchObject([
      {
        what: 'run_starting',
        at: begun + 1,
        by: 'UANA',
        execution: '',
        text: '{"topic":"a plan","api_key":"hidden"}',
      },
      { what: 'run_running', at: begun + 6, execution: 'run-1' },
      { what: 'run_failed', at: begun + 7, execution: 'run-1' },
    ]);
    expect(JSON.stringify(lines)).not.toContain('secret');
    const facts = await records.range('fact', { limit: 1_000 });
    expect(JSON.stringify(facts)).not.toContain('a plan');
  });

  describe('a start that is forgotten', () => {
    /** The run of a start with its result; `approvals`: of the run. */
    async function finish(n: number, more: Partial<Execution> = {}): Promise<void> {
      const message = { channel: 'CAPPROVALS', ts: '1.0', shown: '' };
      const start = await stored(n, {
        status: 'finished',
        executionId: `run-${crews}-${n}`,
        tied: true,
        message,
      });
      const thread = threadOf(start);
      const run = { ...newExecution({ name: press }, start.executionId ?? ''), hasResult: true, ...more };
      expect(
        await store.save({
          execution: { previous: undefined, next: { ...run, ...(thread ? { thread } : {}) }, result: RESULT },
        }),
      ).toBe(true);
    }

    test('takes its run and the result with it when the run has no approvals', async () => {
      await finish(1, { checkAt: begun + 1_000 });
      expect(await store.forgetKickoff(await read(1))).toBe(true);
      expect(await keysOf(idOf(1))).toEqual([]);
      expect(await keysOf(`run-${crews}-1`)).toEqual([]);
    });

    test('leaves the run and its result to the approvals of the run', async () => {
      const executionId = `run-${crews}-2`;
      const approval = anApproval([aRound()], {
        id: `K${String(crews).padStart(9, '0')}`,
        crew: press,
        executionId,
      });
      await store.save({ approvals: [{ previous: undefined, next: approval }] });
      await finish(2, { approvals: [approval.id] });
      expect(await store.forgetKickoff(await read(2))).toBe(true);
      expect(await keysOf(idOf(2))).toEqual([]);
      expect(await store.result(press, executionId)).toEqual(RESULT);
      expect(await store.forget((await store.approval(approval.id)) as never)).toBe(true);
      expect(await keysOf(executionId)).toEqual([]);
    });

    test('leaves a run that was not started by it', async () => {
      const executionId = `run-${crews}-3`;
      await stored(3, { status: 'finished', executionId });
      await store.save({
        execution: { previous: undefined, next: newExecution({ name: press }, executionId), result: RESULT },
      });
      expect(await store.forgetKickoff(await read(3))).toBe(true);
      expect(await store.execution(press, executionId)).toBeDefined();
    });

    test('is kept when it, or its run, has changed meanwhile; its facts stay in any case', async () => {
      await finish(4);
      const before = await read(4);
      await store.save({ kickoff: { previous: before, next: { ...before.record, hasResult: true } } });
      expect(await store.forgetKickoff(before)).toBe(false);
      expect(await store.kickoff(idOf(4))).toBeDefined();
      expect(await store.forgetKickoff(await read(4))).toBe(true);
      const facts = await listKeys(records, 'fact', { limit: 10_000 });
      expect(facts.filter((key) => key.includes(idOf(4)))).toHaveLength(1);
    });

    test('that CrewAI never answered is gone whole', async () => {
      await stored(5);
      expect(await store.forgetKickoff(await read(5))).toBe(true);
      expect(await keysOf(idOf(5))).toEqual([]);
    });
  });

  describe('a start that cannot be read', () => {
    test('is set aside with its entries, and hides no other', async () => {
      await stored(1);
      await stored(2);
      await putRecord(records, `kickoff/${idOf(1)}`, '{"value":{"v":1}}');
      expect(await store.kickoff(idOf(1))).toBeUndefined();
      expect(await records.get(`unreadable/kickoff/${idOf(1)}`)).toBe('{"value":{"v":1}}');
      expect(await due(begun + 10)).toEqual([idOf(2)]);
      expect((await store.list('kickoffs', [press], { limit: 10 })).map(({ id }) => id)).toEqual([idOf(2)]);
    });

    test('is left as it is when a newer version wrote it', async () => {
      await stored(1);
      const raw = `{"value":{"v":1000,"id":"${idOf(1)}"}}`;
      await putRecord(records, `kickoff/${idOf(1)}`, raw);
      await expect(store.kickoff(idOf(1))).rejects.toMatchObject({ name: 'RecordError' });
      expect(await records.get(`kickoff/${idOf(1)}`)).toBe(raw);
      expect(await due(begun + 10)).toEqual([idOf(1)]);
    });
  });
}
