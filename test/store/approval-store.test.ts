import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApprovalEvent, ResumeOutcome } from '../../src/approval/lifecycle/events.ts';
import { claimLane, failLane, releaseLane, removeNote } from '../../src/approval/lifecycle/lanes.ts';
import { listNextSteps } from '../../src/approval/lifecycle/next-steps.ts';
import { openApproval } from '../../src/approval/lifecycle/rounds.ts';
import { transition } from '../../src/approval/lifecycle/transitions.ts';
import { type Approval, currentRound, type Fact, RECORD_VERSION } from '../../src/approval/model/approval.ts';
import { DEFAULT_POLICY } from '../../src/approval/model/crew/task-rules.ts';
import { hashOutput, type Output, readOutput } from '../../src/approval/model/output.ts';
import { createRunRecord, findIdleTime, type RunRecord } from '../../src/approval/model/run/run-record.ts';
import type { ApprovalStore, Changes, RunWrite, Stored } from '../../src/approval/ports.ts';
import { StoreError } from '../../src/lib/errors.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { openSqlite } from '../../src/store/backends/sqlite/sqlite.ts';
import type { RecordStore } from '../../src/store/record-store.ts';
import {
  anOutput,
  attemptEnded,
  attemptStarted,
  decideBy,
  outcomes,
  withCards,
} from '../approval/builders.ts';
import { aStart } from '../approval/starts/records.ts';
import { listIds, listKeys, putRecord } from '../support/records.ts';
import { newFolder, SILENT, T0 } from './support.ts';

let records: RecordStore;
let store: ApprovalStore;
const errors: string[] = [];

beforeEach(async () => {
  records = await openSqlite(join(newFolder(), 'approvals.db'));
  errors.length = 0;
  const error = (fields: object, fact: string) =>
    void errors.push(`${fact}: ${(fields as { movedTo?: string }).movedTo}`);
  store = createApprovalStore(records, { ...SILENT, error });
});
afterEach(() => records.disconnect());

const [S1, S2] = ['start-1', 'start-2'];
const [A1, A2, A3] = ['A000000001', 'A000000002', 'A000000003'];
const text = (words: string): Output => ({ kind: 'text', text: words });
const padTime = (time: number) => String(Math.floor(time)).padStart(15, '0');

const outputEvent = (words: string, at: number) => anOutput(hashOutput(text(words)), { at });

function approvalOf(id: string, { crew = 'press', executionId = `run of ${id}`, at = T0 } = {}): Approval {
  const rest = { task: 'draft', channel: 'CAPPROVALS', urls: {}, policy: DEFAULT_POLICY };
  return openApproval({ id, crew, executionId, ...rest }, outputEvent(`output of ${id}`, at));
}

/** What becomes of it; an event that is refused changes nothing. */
function apply(approval: Approval, event: ApprovalEvent): Approval {
  const result = transition(approval, event);
  return 'refusal' in result ? approval : result.approval;
}

function decided(approval: Approval, at: number, action: 'approve' | 'request_revision' = 'approve') {
  const round = currentRound(approval).number;
  return apply(approval, decideBy('UANA', { at, round, action, feedback: 'why' }));
}

function attempted(approval: Approval, at: number, outcome: ResumeOutcome): Approval {
  const round = currentRound(approval).number;
  const started = apply(approval, attemptStarted(round, at));
  return apply(started, attemptEnded(outcome, round, at, 1_500.5));
}

const notedAll = (approval: Approval) => approval.notes.reduce(removeNote, approval);
const runOf = (executionId: string, more: Partial<RunRecord> = {}): RunRecord => ({
  ...createRunRecord({ name: 'press' }, executionId),
  ...more,
});

const read = async (id = A1) => (await store.approval(id)) as Stored<Approval>;
const readRun = () => store.run('press', 'run-1');
const write = (next: Approval, previous?: Stored<Approval>, ...outputs: Output[]) => {
  const hashed = outputs.map((output) => ({ hash: hashOutput(output), output }));
  return { approvals: [{ previous, next, outputs: hashed }] } satisfies Changes;
};
const saveRun = (next: RunRecord, more: Partial<RunWrite> = {}, changes: Changes = {}) =>
  store.save({ run: { previous: undefined, next, ...more }, ...changes });

/** Saves it over what the store holds. */
async function saved(next: Approval, ...outputs: Output[]): Promise<Approval> {
  expect(await store.save(write(next, await read(next.id), ...outputs))).toBe(true);
  return next;
}

const keys = (index: string) => listKeys(records, index, { limit: 1_000 });
const list = async (name: 'due' | 'waiting', until = T0) =>
  name === 'due'
    ? listIds(store, name, 'all', { until, limit: 10 })
    : listIds(store, name, ['press'], { limit: 10 });

describe('an approval in the store', () => {
  test('comes back as it was saved, small also with a large output; an unknown one is absent', async () => {
    const output = text('x'.repeat(500_000));
    const approval = await saved(approvalOf(A1), output);
    expect((await read()).record).toEqual({
      ...JSON.parse(JSON.stringify(approval)),
      head: expect.stringMatching(/^\w{64}$/),
    });
    expect((await read()).raw.length).toBeLessThan(3_000);
    expect(await store.output(A1, hashOutput(output))).toEqual(output);
    expect(await store.approval(A2)).toBeUndefined();
  });

  test('is saved only over what was read: a later save with an older reading writes nothing', async () => {
    const first = await saved(approvalOf(A1));
    expect(await store.save(write(first))).toBe(false);
    const before = await read();
    expect(await store.save(write(decided(first, T0 + 1), before))).toBe(true);
    const late = write(decided(first, T0 + 2, 'request_revision'), before, text('late'));
    expect(await store.save(late)).toBe(false);
    expect(currentRound((await read()).record).decision?.action).toBe('approve');
    expect(await store.output(A1, hashOutput(text('late')))).toBeUndefined();
    expect(await keys('decided/press')).toHaveLength(1);
    expect(await keys('fact')).toHaveLength(2);
  });

  test('is not saved after its deadline', async () => {
    const first = await saved(approvalOf(A1));
    const before = await read();
    const late = store.save({ ...write(decided(first, T0), before), deadline: 1 });
    await expect(late).rejects.toMatchObject({ code: 'deadline_passed' });
    expect((await read()).raw).toBe(before.raw);
    expect(await keys('decided/press')).toEqual([]);
  });

  test('keeps its outputs to the last digit, under keys of what they are and never of the round', async () => {
    const outputs = [
      text('Hello *world* 😀 \u0000'),
      text(''),
      readOutput('{"b": 1, "a": [null, "x"]}'),
      readOutput('{"n": 12345678901234567890}'),
      readOutput('{"n": 12345678901234567891}'),
      readOutput('{"n": 12345678901234567000}'),
      readOutput('{"n": 1, "n": 12345678901234567000, "__proto__": 1, "__proto__": 2}'),
    ];
    for (const [i, output] of outputs.entries())
      await saved({ ...approvalOf(A1), createdAt: T0 + i }, output);
    for (const output of outputs) expect(await store.output(A1, hashOutput(output))).toEqual(output);
    expect(await store.output(A2, hashOutput(text('')))).toBeUndefined();
    const expected = outputs.map((output) => `output/${A1}/${hashOutput(output)}`);
    expect(await keys('output')).toEqual(expected.sort());
  });

  test('has each of its facts under a key of its own, in order of time, also those that its record drops', async () => {
    let approval = await saved(approvalOf(A1));
    await saved(approvalOf('B000000001', { at: T0 + 30_000 }));
    for (let i = 1; i <= 70; i++) {
      const fact = {
        seq: approval.factCount + 1,
        at: T0 + i * 1_000,
        what: 'reminded',
        detail: `fact ${i}`,
      } as const;
      const facts = [...approval.facts, fact].slice(-50);
      approval = await saved({ ...approval, facts, factCount: fact.seq });
    }
    expect((await read()).record.facts).toHaveLength(50);
    const raws = (await records.getMany(await keys('fact'))) as string[];
    const facts = raws.map((raw) => (JSON.parse(raw) as { value: Fact & { approval: string } }).value);
    expect(facts).toHaveLength(72);
    expect(facts.map(({ at }) => at)).toEqual(facts.map(({ at }) => at).sort((a, b) => a - b));
    const own = facts.filter((fact) => fact.approval === A1).map(({ seq }) => seq);
    expect(own).toEqual(Array.from({ length: 71 }, (_, i) => i + 1));
    expect(facts[0]).toMatchObject({ what: 'received', crew: 'press', execution: `run of ${A1}` });
  });
});

describe('the indexes of approvals', () => {
  test('a new round waits from its own time on, and its decision replaces the one before in `decided`', async () => {
    const asked = decided(await saved(approvalOf(A1)), T0 + 1, 'request_revision');
    const sent = await saved(attempted(asked, T0 + 2, outcomes.accepted));
    const second = await saved(apply(sent, outputEvent('another', T0 + 3)));
    expect(await keys('waiting')).toEqual([`waiting/press/${padTime(T0 + 3)}/${A1}`]);
    await saved(decided(second, T0 + 4));
    expect(await keys('decided')).toEqual([`decided/press/${padTime(T0 + 4)}/${A1}`]);
  });

  const STEPS: Record<string, (approval: Approval, at: number, round: number) => Approval> = {
    approve: (approval, at) => decided(approval, at),
    revise: (approval, at) => decided(approval, at, 'request_revision'),
    accepted: (approval, at) => attempted(approval, at, outcomes.accepted),
    unknown: (approval, at) => attempted(approval, at, outcomes.unknown),
    refused: (approval, at) => attempted(approval, at, outcomes.refused),
    retry: (approval, at, round) => apply(approval, { type: 'retry', at, round, by: 'UANA' }),
    'give up': (approval, at, round) => apply(approval, { type: 'give_up', at, round, by: 'UANA' }),
    'new output': (approval, at) => apply(approval, outputEvent(`new at ${at}`, at)),
    'same output': (approval, at) => apply(approval, outputEvent(`output of ${approval.id}`, at)),
    'other task': (approval, at) => apply(approval, { type: 'other_webhook', at, isTaskReport: true }),
    finished: (approval, at) => apply(approval, { type: 'run_finished', at, withResult: true }),
    'cards shown': withCards,
    'notes posted': notedAll,
    claim: (approval, at) => claimLane(approval, 'card', 'worker/1', at),
    release: (approval) => releaseLane(approval, 'card', 'worker/1'),
  };

  test('are what the record says, after any sequence of events', async () => {
    let count = 0;
    const steps = fc.array(fc.constantFrom(...Object.keys(STEPS)), { maxLength: 14 });
    await fc.assert(
      fc.asyncProperty(steps, async (names) => {
        const id = `P${String(++count).padStart(9, '0')}`;
        const crew = `crew-${count}`;
        let approval = await saved(approvalOf(id, { crew }));
        for (const [i, name] of names.entries()) {
          const next = STEPS[name]?.(approval, T0 + i * 1_000, currentRound(approval).number);
          approval = await saved(next as Approval);
          const due = listNextSteps(approval, Number.NEGATIVE_INFINITY).map(({ at }) => at);
          const entries = due.length === 0 ? [] : [`open/${padTime(Math.min(...due))}/${id}`];
          expect((await keys('open')).filter((key) => key.endsWith(id))).toEqual(entries);
          const forPerson = ['waiting', 'refused', 'undelivered'].includes(currentRound(approval).status);
          expect(await keys(`waiting/${crew}`)).toHaveLength(forPerson ? 1 : 0);
          const wasDecided = approval.rounds.some((round) => round.decision);
          expect(await keys(`decided/${crew}`)).toHaveLength(wasDecided ? 1 : 0);
        }
        expect((await read(id)).record.factCount).toBe(approval.factCount);
      }),
      { numRuns: 60 },
    );
  });
});

describe('what is due', () => {
  const dueAt = (id: string, time: number) => saved(failLane(approvalOf(id), 'card', time));

  test('is listed by its time, the longest due first, up to and with the time that is asked for', async () => {
    await dueAt(A3, T0 + 20);
    await dueAt(A2, T0);
    await dueAt(A1, T0 + 10);
    const listed = await Promise.all([-1, 0, 19, 20].map((after) => list('due', T0 + after)));
    expect(listed).toEqual([[], [A2], [A2, A1], [A2, A1, A3]]);
  });

  test('comes in pages that together hold everything once, while what was carried out leaves the list', async () => {
    const ids = Array.from({ length: 23 }, (_, i) => `A${String(i).padStart(9, '0')}`);
    await Promise.all(ids.map((id, i) => dueAt(id, T0 + (i % 4))));
    const listed: string[] = [];
    let after: string | undefined;
    do {
      const page = await store.list('due', 'all', { until: T0 + 3, limit: 5, after });
      expect(page.length).toBeLessThanOrEqual(5);
      listed.push(...page.map(({ id }) => id));
      for (const { id } of page) await saved(withCards((await read(id)).record));
      after = page.at(-1)?.place;
    } while (after !== undefined);
    expect([...listed].sort()).toEqual(ids);
    expect(await list('due', T0 + 3)).toEqual([]);
  });
});

describe('a run in the store', () => {
  // biome-ignore format: a table
  test.each([
    'run/with/slashes', '../../etc/passwd', 'run%2Fpercent', 'x'.repeat(255), '😀'.repeat(127),
    'a b\u0000c', 'ünïcode', '.', '/', '%',
  ])('is kept, found and told apart by its id as CrewAI gave it: %j', async (executionId) => {
    const metaUrls = { task: 'https://example.com/task?token=a/b' };
    const record = runOf(executionId, { metaUrls, approvals: [A1] });
    const result = readOutput('{"total": 3}');
    expect(await saveRun(record, { result })).toBe(true);
    expect((await store.run('press', executionId))?.record).toEqual(record);
    expect(await store.run('press-2', executionId)).toBeUndefined();
    expect(await store.run('press', `${executionId}/`)).toBeUndefined();
    expect(await store.result('press', executionId)).toEqual(result);
    expect(await store.result('press-2', executionId)).toBeUndefined();
    expect(await store.runsBeginning(executionId, 5)).toEqual([{ crew: 'press', executionId }]);
  });

  test('is not confused with another whose crew and id make the same path', async () => {
    await saveRun(runOf('a/b', { crew: 'c' }));
    expect(await store.run('b/c', 'a')).toBeUndefined();
    expect(await saveRun(runOf('a', { crew: 'b/c' }))).toBe(true);
    expect(await store.runsBeginning('a', 5)).toEqual([{ executionId: 'a', crew: 'b/c' }]);
    expect(await store.runsBeginning('a/b', 5)).toEqual([{ executionId: 'a/b', crew: 'c' }]);
  });

  const opened = (id: string) => write(approvalOf(id, { executionId: 'run-1' }), undefined, text(id));
  const record = runOf('run-1', { approvals: [A1] });

  test('is saved with the approval that it opens, its output, index entries and facts, or none of them is', async () => {
    expect(await saveRun(record, {}, opened(A1))).toBe(true);
    const head = expect.stringMatching(/^\w{64}$/);
    expect((await read()).record).toEqual({ ...approvalOf(A1, { executionId: 'run-1' }), head });
    const { head: last, facts } = (await read()).record;
    expect((await readRun())?.record).toEqual({ ...record, opened: last, openedAt: facts[0]?.at });
    expect(await store.output(A1, hashOutput(text(A1)))).toEqual(text(A1));
    expect([await list('due'), await list('waiting')]).toEqual([[A1], [A1]]);
    expect(await keys('fact')).toHaveLength(1);

    expect(await saveRun(record, {}, opened(A2))).toBe(false);
    expect(await store.approval(A2)).toBeUndefined();
    const next = { ...record, humanInput: true };
    expect(await saveRun(next, { previous: await readRun() }, opened(A1))).toBe(false);
    expect((await readRun())?.record.humanInput).toBe(false);
    expect(await list('due')).toEqual([A1]);
  });

  /** Lets others do this just before the next commit, and this after it. */
  function interrupt(before: () => Promise<void>, afterwards = async () => {}): void {
    const commit = records.commit.bind(records);
    records.commit = async (deletion) => {
      records.commit = commit;
      await before();
      const done = await commit(deletion);
      await afterwards();
      return done;
    };
  }

  test('keeps an approval in its list that was opened while another was deleted', async () => {
    await saveRun(record, {}, opened(A1));
    const before = await read();
    interrupt(async () => {
      const both = { ...record, approvals: [A1, A2] };
      expect(await saveRun(both, { previous: await readRun() }, opened(A2))).toBe(true);
    });
    expect(await store.forget(before)).toBe(false);
    expect((await readRun())?.record.approvals).toHaveLength(2);
    expect(await store.forget(before)).toBe(true);
    expect((await readRun())?.record.approvals).toEqual([A2]);
    expect(await store.approval(A1)).toBeUndefined();
  });

  test('keeps an approval in its list that a webhook opened again while its last two were deleted', async () => {
    await saveRun({ ...record, approvals: [A1, A2] }, {}, opened(A1));
    expect(await store.save(opened(A2))).toBe(true);
    const [first, second] = [await read(A1), await read(A2)];
    interrupt(async () => expect(await store.forget(second), 'by another replica').toBe(true));
    expect(await store.forget(first)).toBe(false);
    interrupt(async () => {
      expect(await store.forget(first), 'by another replica').toBe(true);
      const again = { ...record, lastWebhookAt: T0 + 1, approvals: [A1] };
      expect(await saveRun(again, { previous: await readRun() }, opened(A1)), 'by a webhook').toBe(true);
    });
    expect(await store.forget(first)).toBe(false);
    expect((await readRun())?.record.approvals).toEqual([A1]);
  });

  test('names no approval any more whose record is gone, as in older stores', async () => {
    await saveRun({ ...record, approvals: [A2, A1] }, {}, opened(A1));
    expect(await store.forget(await read())).toBe(true);
    expect((await readRun())?.record.approvals).toEqual([]);
    expect(await store.list('idleRuns', 'all', { limit: 9 })).toMatchObject([{ id: 'run-1', crew: 'press' }]);
  });

  test.each<[string, Partial<RunRecord>]>([
    ['its approvers are narrowed', { approvers: ['UANA'] }],
    ['its requester may not decide', { requestedBy: 'UANA' }],
    ['it was registered', { registeredUrls: { task: 'https://x.example' } }],
    ['its record was damaged', { lost: true }],
  ])('outlives its last approval while %s and it has not finished: others come', async (_, changed) => {
    await saveRun({ ...record, lastWebhookAt: T0, ...changed }, {}, opened(A1));
    expect(await store.forget(await read())).toBe(true);
    const left = (await readRun())?.record as RunRecord;
    expect(left).toMatchObject({ ...changed, approvals: [] });
    expect(findIdleTime(left) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(T0);
    expect(findIdleTime({ ...left, finishedAt: T0, lost: undefined })).toBe(T0);
  });

  test('is saved only over what was read', async () => {
    await saveRun(record);
    expect(await saveRun({ ...record, humanInput: true })).toBe(false);
    const previous = await readRun();
    expect(await saveRun({ ...record, lastWebhookAt: T0 }, { previous })).toBe(true);
    const result = text('result');
    expect(await saveRun({ ...record, finishedAt: T0 }, { previous, result })).toBe(false);
    expect(await store.result('press', 'run-1')).toBeUndefined();
  });
});

describe('a look-up by the beginning of an id', () => {
  test('finds approvals that begin so, no others, at most as many as asked for', async () => {
    for (const id of ['ABC0000001', 'ABC0000002', 'ABD0000001', 'AB00000001']) await saved(approvalOf(id));
    const find = (prefix: string, limit = 10) => store.approvalsBeginning(prefix, limit);
    expect(await find('ABC')).toEqual(['ABC0000001', 'ABC0000002']);
    expect(await find('ABC', 1)).toEqual(['ABC0000001']);
    expect(await find('ABC0000002')).toEqual(['ABC0000002']);
    for (const other of ['ABC00000021', 'ZZZ', 'ABC/', '%']) expect(await find(other)).toEqual([]);
  });

  test('finds a run in each crew that has one of this id', async () => {
    await saveRun(runOf('run-1'));
    for (const id of ['run-1', 'ran-1']) await saveRun(runOf(id, { crew: 'zoo' }));
    expect(await store.runsBeginning('run', 10)).toEqual([
      { crew: 'press', executionId: 'run-1' },
      { crew: 'zoo', executionId: 'run-1' },
    ]);
  });

  test('gives the run whose whole id it is before those that only begin so', async () => {
    for (const id of ['run-001', 'run-001-b', 'run-001-c']) await saveRun(runOf(id));
    const exact = { crew: 'press', executionId: 'run-001' };
    expect(await store.runsBeginning('run-001', 2)).toContainEqual(exact);
  });
});

describe('a record that cannot be read', () => {
  test.each([
    ['is no JSON', '{"value": {'],
    ['is of another shape', '{"value":{"v":1,"id":"A000000002"}}'],
    ['is nothing', 'null'],
  ])('is set aside under its own key when it %s, is logged once, and hides no other', async (_, raw) => {
    for (const id of [A1, A2, A3]) await saved(approvalOf(id));
    await saveRun(runOf('run-1'));
    const broken = [`approval/${A2}`, 'execution/run-1/press'];
    for (const key of broken) await putRecord(records, key, raw);
    for (const _ of ['first', 'second']) {
      expect(await store.approval(A2)).toBeUndefined();
      // Who may decide on it is lost, and the record says so.
      const rebuilt = { executionId: 'run-1', crew: 'press', approvals: [], lost: true };
      expect((await readRun())?.record).toMatchObject(rebuilt);
    }
    for (const key of broken) expect(await records.get(`unreadable/${key}`)).toBe(raw);
    expect(errors).toEqual(broken.map((key) => `unreadable record set aside: unreadable/${key}`));
    expect((await read(A1)).record.id).toBe(A1);
    for (const name of ['due', 'waiting'] as const) expect(await list(name)).toEqual([A1, A3]);
    expect(await store.approvalsBeginning('A', 10)).toEqual([A1, A3]);
    await saved(approvalOf(A2));
  });

  test.each<[string, () => Changes]>([
    [
      'an approval',
      () => ({ approvals: [{ previous: undefined, next: { ...approvalOf(A1), v: 0 as never } }] }),
    ],
    ['a run', () => ({ run: { previous: undefined, next: { ...runOf('run-1'), crew: 1 as never } } })],
    ['a start', () => ({ start: { previous: undefined, next: aStart({ createdAt: Number.NaN }) } })],
  ])('is not written in the first place: %s', async (_, change) => {
    await expect(store.save(change())).rejects.not.toBeInstanceOf(StoreError);
    expect([await store.approval(A1), await readRun(), await store.start(aStart().id)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(errors, 'and so it is not set aside').toEqual([]);
  });

  test('since a newer version wrote it, in whatever else it is the same, is named and stays as it is', async () => {
    for (const id of [A1, A2]) await saved(approvalOf(id));
    for (const id of ['run-1', 'run-2']) await saveRun(runOf(id));
    for (const id of [S1, S2]) await store.save({ start: { previous: undefined, next: aStart({ id }) } });
    const newer = [`approval/${A1}`, 'execution/run-1/press', `kickoff/${S1}`];
    for (const key of newer) {
      const { value } = JSON.parse((await records.get(key)) as string);
      expect(value.v).toBe(RECORD_VERSION);
      await putRecord(records, key, JSON.stringify({ value: { ...value, v: RECORD_VERSION + 1 } }));
    }
    const raws = await Promise.all(newer.map((key) => records.get(key)));
    for (const [index, call] of [() => store.approval(A1), readRun, () => store.start(S1)].entries())
      await expect(call()).rejects.toThrow(`The record ${newer[index]} is of format ${RECORD_VERSION + 1}, `);
    expect(await Promise.all(newer.map((key) => records.get(key)))).toEqual(raws);
    expect(errors).toEqual([]);
    expect((await read(A2)).record.id).toBe(A2);
    expect((await store.start(S2))?.record.id).toBe(S2);
    expect((await store.run('press', 'run-2'))?.record).not.toHaveProperty('lost');
    expect(await list('waiting')).toEqual([A1, A2]);
  });

  test('is never written over by one who did not read it', async () => {
    await putRecord(records, `approval/${A1}`, 'broken');
    expect(await store.save(write(approvalOf(A1)))).toBe(false);
    expect(await records.get(`approval/${A1}`)).toBe('broken');
  });
});

test('every call rejects with a StoreError once the store has failed', async () => {
  const approval = await saved(approvalOf(A1));
  const before = await read();
  await records.disconnect();
  const calls = [
    () => store.approval(A1),
    () => store.save(write(decided(approval, T0), before)),
    readRun,
    () => saveRun(runOf('run-1')),
    () => store.output(A1, 'hash'),
    () => store.result('press', 'run-1'),
    () => list('due'),
    () => list('waiting'),
    () => store.approvalsBeginning('A', 1),
    () => store.runsBeginning('run', 1),
  ];
  for (const call of calls) await expect(call(), String(call)).rejects.toBeInstanceOf(StoreError);
});

test('of two who are away from the same moment on, one is written first and the other has to read again', async () => {
  const away = (substitute: string) => ({ day: '2026-12-04', since: T0, until: T0 + 1, substitute });
  const before = await store.absences();
  expect(before).toBeUndefined();
  expect(await store.saveAbsences(before, { people: { UANA: away('UCAT') }, told: [] })).toBe(true);
  expect(await store.saveAbsences(before, { people: { UBEN: away('UCAT') }, told: [] })).toBe(false);
  const people = { ...(await store.absences())?.record.people, UBEN: away('UCAT') };
  expect(await store.saveAbsences(await store.absences(), { people, told: [] })).toBe(true);
  expect((await store.absences())?.record.people).toEqual({ UANA: away('UCAT'), UBEN: away('UCAT') });
});

test('an absence that cannot be read is left out, and the others stay', async () => {
  const UBEN = { day: '2026-12-04', since: T0, until: T0 + 1, substitute: 'UCAT' };
  const value = { people: { UANA: { ...UBEN, day: '2026-13-45' }, UBEN }, told: [{ to: 1 }] };
  await putRecord(records, 'away', JSON.stringify({ value }));
  expect((await store.absences())?.record).toEqual({ people: { UANA: undefined, UBEN }, told: [] });
  expect(errors).toEqual([]);
});
