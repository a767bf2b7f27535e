import { describe, expect, test } from 'vitest';
import type { Approval } from '../../src/approval/model/approval.ts';
import { createRunRecord, type RunRecord } from '../../src/approval/model/run/run-record.ts';
import { buildRunThread, type Start } from '../../src/approval/model/run/start.ts';
import type { Slice, Stored } from '../../src/approval/ports.ts';
import { applyStartEvent, type StartEvent } from '../../src/approval/starts/start-events.ts';
import { readAuditTrail } from '../../src/store/audit.ts';
import { buildKey } from '../../src/store/keys.ts';
import { anApproval, aRound } from '../approval/builders.ts';
import { aStart } from '../approval/starts/records.ts';
import { listIds, listKeys, putRecord } from '../support/records.ts';
import { describeEachStore } from './support.ts';

const RESULT = { kind: 'text', text: 'the result' } as const;

describeEachStore((each) => {
  const idOf = (n: number) => `00000000-0000-4000-8000-${String(each.number * 1_000 + n).padStart(12, '0')}`;
  const runOf = (n: number) => `run-${each.number}-${n}`;
  const read = async (n: number) => (await each.store.start(idOf(n))) as Stored<Start>;
  const forget = async (n: number) => each.store.forgetStart(await read(n));

  function startOf(n: number, more: Partial<Start> = {}): Start {
    const at = each.begun + n;
    return aStart({ id: idOf(n), crew: each.press, createdAt: at, changedAt: at, ...more });
  }

  const save = (next: Start, previous?: Stored<Start>) => each.store.save({ start: { previous, next } });

  async function stored(n: number, more: Partial<Start> = {}): Promise<Start> {
    const start = startOf(n, more);
    expect(await save(start)).toBe(true);
    return start;
  }

  async function change(n: number, more: Partial<Start>): Promise<void> {
    const before = await read(n);
    expect(await save({ ...before.record, ...more }, before)).toBe(true);
  }

  async function happens(n: number, ...events: StartEvent[]): Promise<void> {
    for (const event of events) await change(n, applyStartEvent((await read(n)).record, event));
  }

  const called = (): StartEvent => ({ type: 'called', at: each.begun + 5 });

  /** What is due until a time after the beginning of the test. */
  const due = async (until: number) => {
    const slice = { until: each.begun + until, limit: 1_000 };
    const ids = await listIds(each.store, 'dueStarts', 'all', slice);
    return ids.filter((id) => id.startsWith(idOf(0).slice(0, -3)));
  };
  const keysOf = async (text: string) => {
    const kinds = ['kickoff', 'kickoffdue', 'started', 'execution', 'result', 'runcheck'];
    const all = await Promise.all(kinds.map((kind) => listKeys(each.records, kind, { limit: 10_000 })));
    return all.flat().filter((key) => key.includes(text));
  };

  describe('the start of a run', () => {
    test('is kept as it is, with inputs of any kind', async () => {
      const nested = { list: [null, true, 'a/b'] };
      const start = await stored(1, {
        inputs: { topic: 'Größe 😀\n"x"', count: 3, nested, nul: 'a\u0000b' },
      });
      expect((await read(1)).record).toEqual({ ...start, head: expect.stringMatching(/^\w{64}$/) });
      expect(await each.store.start(idOf(2))).toBeUndefined();
    });

    test('is recorded once when its form is submitted twenty times at once', async () => {
      const all = Array.from({ length: 20 }, (_, n) => save(startOf(1, { inputs: { n } })));
      expect((await Promise.all(all)).filter(Boolean)).toHaveLength(1);
      expect(await keysOf(idOf(1))).toHaveLength(3);
    });

    test('is changed only over what was read', async () => {
      await stored(1);
      const before = await read(1);
      await happens(1, called());
      expect(await save({ ...before.record, status: 'failed' }, before)).toBe(false);
      expect((await read(1)).record).toMatchObject({ status: 'starting', calledAt: each.begun + 5 });
    });

    test('is saved with its run, or neither is', async () => {
      await stored(1);
      const previous = await read(1);
      const next = { ...previous.record, executionId: 'run-1' };
      const write = { previous: undefined, next: createRunRecord({ name: each.press }, 'run-1') };
      await happens(1, called());
      expect(await each.store.save({ run: write, start: { previous, next } })).toBe(false);
      expect(await each.store.run(each.press, 'run-1')).toBeUndefined();
      const again = { previous: await read(1), next };
      expect(await each.store.save({ run: write, start: again })).toBe(true);
      expect((await read(1)).record.executionId).toBe('run-1');
      expect(await each.store.run(each.press, 'run-1')).toBeDefined();
    });
  });

  test('the starts of some crews are listed by their time, page by page, both ways', async () => {
    const [press, budget] = [each.press, `budget-${each.number}`];
    for (const n of [3, 1, 5]) await stored(n);
    for (const n of [2, 4]) await stored(n, { crew: budget });
    await stored(6, { crew: `${press}-other` });
    const list = async (crews: string[], slice: Partial<Slice> = {}) =>
      (await listIds(each.store, 'starts', crews, { limit: 10, ...slice })).map((id) => Number(id.slice(-3)));
    expect(await list([press, budget], { reverse: true })).toEqual([5, 4, 3, 2, 1]);
    expect(await list([budget])).toEqual([2, 4]);
    const page = await each.store.list('starts', [press, budget], { limit: 2, reverse: true });
    expect(page.map(({ id }) => id)).toEqual([idOf(5), idOf(4)]);
    const after = page[1]?.place;
    expect(await list([press, budget], { limit: 2, reverse: true, after })).toEqual([3, 2]);
    expect(await list([])).toEqual([]);
  });

  test('the audit has what became of a start and who asked for it, and its inputs as long as it is kept', async () => {
    const { begun, press: crew } = each;
    await stored(1, { inputs: { topic: 'a plan' }, hidden: ['api_key'] });
    const outcome = { kind: 'started', executionId: 'run-1' } as const;
    await happens(
      1,
      called(),
      { type: 'answered', at: begun + 6, outcome, backoffMs: 0 },
      { type: 'run_failed', at: begun + 7, reason: 'a secret reason' },
    );
    const lines = [];
    const period = { since: begun, until: begun + 1_000_000, crew };
    for await (const line of readAuditTrail(each.records, each.store, period, () => {})) lines.push(line);
    const text = '{"topic":"a plan","api_key":"hidden"}';
    expect(lines).toMatchObject([
      { what: 'run_starting', at: begun + 1, by: 'UANA', execution: '', text },
      { what: 'run_running', at: begun + 6, execution: 'run-1' },
      { what: 'run_failed', at: begun + 7, execution: 'run-1' },
    ]);
    expect(JSON.stringify(lines)).not.toContain('secret');
    expect(JSON.stringify(await each.records.range('fact', { limit: 1_000 }))).not.toContain('a plan');
  });

  describe('a start that is forgotten', () => {
    /** A start whose run has finished, and that run with its result. */
    async function finish(n: number, more: Partial<RunRecord> = {}): Promise<void> {
      const message = { channel: 'CAPPROVALS', ts: '1.0', shown: '' };
      const start = await stored(n, { status: 'finished', executionId: runOf(n), message });
      const thread = buildRunThread(start);
      const run = { ...createRunRecord({ name: each.press }, runOf(n)), hasResult: true, ...more };
      const next = { ...run, ...(thread ? { thread } : {}) };
      const write = { previous: undefined, next, result: RESULT };
      expect(await each.store.save({ run: write })).toBe(true);
    }

    const isIdle = async (n: number) =>
      (await listIds(each.store, 'idleRuns', 'all', { limit: 10_000 })).includes(runOf(n));

    test('leaves its run idle when that has no approvals', async () => {
      await finish(1);
      expect(await isIdle(1)).toBe(false);
      expect(await forget(1)).toBe(true);
      expect([await keysOf(idOf(1)), await isIdle(1)]).toEqual([[], true]);
    });

    test('leaves it idle also where it knows the run by another of its ids', async () => {
      await finish(6);
      await change(6, { executionId: 'another-id' });
      await putRecord(
        each.records,
        buildKey('alias', 'another-id', each.press),
        JSON.stringify({ value: runOf(6) }),
      );
      expect(await forget(6)).toBe(true);
      expect(await isIdle(6)).toBe(true);
    });

    /** A run that was started and has an approval; what deletes both. */
    async function finishWithApproval(n: number) {
      const id = `K${String(each.number * 100 + n).padStart(9, '0')}`;
      const next = anApproval([aRound()], { id, crew: each.press, executionId: runOf(n) });
      await each.store.save({ approvals: [{ previous: undefined, next }] });
      await finish(n, { approvals: [id] });
      const forgetApproval = async () =>
        each.store.forget((await each.store.approval(id)) as Stored<Approval>);
      return [forgetApproval, () => forget(n)] as const;
    }

    test('leaves the run with its thread and its result to the approvals of the run', async () => {
      const [forgetApproval, forgetStart] = await finishWithApproval(2);
      expect(await forgetStart()).toBe(true);
      expect(await keysOf(idOf(2))).toEqual([]);
      expect((await each.store.run(each.press, runOf(2)))?.record.thread).toBeDefined();
      expect(await each.store.result(each.press, runOf(2))).toEqual(RESULT);
      expect(await forgetApproval()).toBe(true);
      expect(await isIdle(2)).toBe(true);
    });

    test('leaves the run idle also when its last approval is deleted at the same time', async () => {
      const both = await finishWithApproval(7);
      const done = await Promise.all(both.map((one) => one()));
      expect(done).toContain(true);
      for (const [index, one] of both.entries()) if (!done[index]) expect(await one()).toBe(true);
      expect(await isIdle(7)).toBe(true);
    });

    test('leaves a run that was not started by it', async () => {
      await stored(3, { status: 'finished', executionId: runOf(3) });
      const next = createRunRecord({ name: each.press }, runOf(3));
      await each.store.save({ run: { previous: undefined, next, result: RESULT } });
      expect(await forget(3)).toBe(true);
      expect(await each.store.run(each.press, runOf(3))).toBeDefined();
    });

    test('is kept when it has changed meanwhile; its facts stay in any case', async () => {
      await finish(4);
      const before = await read(4);
      await change(4, { hasResult: true });
      expect(await each.store.forgetStart(before)).toBe(false);
      expect(await each.store.start(idOf(4))).toBeDefined();
      expect(await forget(4)).toBe(true);
      const facts = await listKeys(each.records, 'fact', { limit: 10_000 });
      expect(facts.filter((key) => key.includes(idOf(4)))).toHaveLength(1);
    });

    test('is gone whole when CrewAI never answered', async () => {
      await stored(5);
      expect(await forget(5)).toBe(true);
      expect(await keysOf(idOf(5))).toEqual([]);
    });
  });

  test('a start that cannot be read is set aside with its entries, and hides no other', async () => {
    await stored(1);
    await stored(2);
    await putRecord(each.records, `kickoff/${idOf(1)}`, '{"value":{"v":1}}');
    expect(await each.store.start(idOf(1))).toBeUndefined();
    expect(await each.records.get(`unreadable/kickoff/${idOf(1)}`)).toBe('{"value":{"v":1}}');
    expect(await due(10)).toEqual([idOf(2)]);
    expect(await listIds(each.store, 'starts', [each.press], { limit: 10 })).toEqual([idOf(2)]);
  });
});
