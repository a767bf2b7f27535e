import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildCardFacts, hashCardFacts } from '../../src/approval/card-facts.ts';
import type { ApprovalEvent, OutputEvent } from '../../src/approval/lifecycle/events.ts';
import { claimLane, recordCard, releaseLane, removeNote } from '../../src/approval/lifecycle/lanes.ts';
import { nextSteps } from '../../src/approval/lifecycle/next-steps.ts';
import { openApproval } from '../../src/approval/lifecycle/rounds.ts';
import { transition } from '../../src/approval/lifecycle/transitions.ts';
import { type Approval, currentRound } from '../../src/approval/model/approval.ts';
import { DEFAULT_POLICY } from '../../src/approval/model/crew/task-rules.ts';
import type { Fact } from '../../src/approval/model/fact.ts';
import { hashOutput, type Output, readOutput } from '../../src/approval/model/output.ts';
import { RECORD_VERSION } from '../../src/approval/model/record-version.ts';
import type { Execution } from '../../src/approval/model/run/execution.ts';
import type { ApprovalStore, Stored } from '../../src/approval/ports.ts';
import { RecordError, StoreError } from '../../src/lib/errors.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { openSqlite } from '../../src/store/backends/sqlite/sqlite.ts';
import type { RecordStore } from '../../src/store/record-store.ts';
import { listIds, listKeys, putRecord } from '../support/records.ts';

let folder: string;
let records: RecordStore;
let store: ApprovalStore;
const errors: string[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crew-approvals-store-'));
  records = await openSqlite(join(folder, 'approvals.db'));
  errors.length = 0;
  store = createApprovalStore(records, {
    info: () => {},
    warn: () => {},
    error: (fields, fact) => void errors.push(`${fact}: ${(fields as { movedTo?: string }).movedTo}`),
  });
});
afterEach(async () => {
  await records.disconnect();
  rmSync(folder, { recursive: true, force: true });
});

const T0 = 1_790_000_000_000;
const text = (words: string): Output => ({ kind: 'text', text: words });

function outputEvent(words: string, at: number): OutputEvent {
  const output = { taskId: 'task-1', humanInput: false, hashes: [hashOutput(text(words))] };
  return { type: 'output', at, opensRounds: true, output };
}

function approvalOf(id: string, { crew = 'press', executionId = `run of ${id}`, at = T0 } = {}): Approval {
  const head = {
    id,
    crew,
    executionId,
    task: 'draft',
    channel: 'CAPPROVALS',
    urls: {},
    policy: DEFAULT_POLICY,
  };
  return openApproval(head, outputEvent(`output of ${id}`, at));
}

function happens(approval: Approval, event: ApprovalEvent): Approval {
  const result = transition(approval, event);
  if ('refusal' in result) throw new Error(`refused: ${result.refusal.code}`);
  return result.approval;
}

function shownAll(approval: Approval, at = T0): Approval {
  return approval.rounds.reduce((shown, { number }) => {
    const round = shown.rounds.find((other) => other.number === number);
    if (!round) return shown;
    const card = round.card ?? { channel: 'CAPPROVALS', ts: `${number}.000001` };
    return recordCard(shown, number, { ...card, shown: hashCardFacts(buildCardFacts(shown, round)) }, at);
  }, approval);
}

const decided = (approval: Approval, at: number, action: 'approve' | 'request_revision' = 'approve') =>
  happens(approval, {
    type: 'decide',
    at,
    round: currentRound(approval).number,
    action,
    feedback: '',
    by: 'UANA',
  });

function accepted(approval: Approval, at: number): Approval {
  const round = currentRound(approval).number;
  const started = happens(approval, { type: 'attempt_started', dialect: 'documented', at, round });
  const outcome = { kind: 'accepted' } as const;
  return happens(started, { type: 'attempt_ended', at, round, outcome, backoffMs: 0 });
}

async function saved(previous: Approval | undefined, next: Approval): Promise<Approval> {
  const stored = previous && (await store.approval(previous.id));
  expect(await store.save({ approvals: [{ previous: stored, next }] })).toBe(true);
  return next;
}

const keys = (index: string) => listKeys(records, index, { limit: 1_000 });
const openKeys = () => keys('open');

describe('an approval in the store', () => {
  test('comes back as it was saved, and an unknown one is absent', async () => {
    const approval = await saved(undefined, approvalOf('A000000001'));
    const stored = await store.approval('A000000001');
    expect(stored?.record).toEqual(JSON.parse(JSON.stringify(approval)));
    expect(await store.approval('A000000002')).toBeUndefined();
  });

  test('is saved only over what was read: a later save with an older reading writes nothing', async () => {
    const first = await saved(undefined, approvalOf('A000000001'));
    expect(await store.save({ approvals: [{ previous: undefined, next: first }] })).toBe(false);
    const read = await store.approval(first.id);
    const mine = decided(first, T0 + 1);
    expect(await store.save({ approvals: [{ previous: read, next: mine }] })).toBe(true);
    const other = decided(first, T0 + 2, 'request_revision');
    const late = { outputs: [{ hash: 'late', output: text('late') }] };
    expect(await store.save({ approvals: [{ previous: read, next: other, ...late }] })).toBe(false);
    expect(currentRound((await store.approval(first.id))?.record as Approval).decision?.action).toBe(
      'approve',
    );
    expect(await store.output(first.id, 'late')).toBeUndefined();
    expect(await keys('decided/press')).toHaveLength(1);
    expect(await keys('fact')).toHaveLength(2);
  });

  test('is decided once when twenty people decide at once', async () => {
    const first = await saved(undefined, approvalOf('A000000001'));
    const read = await store.approval(first.id);
    const saves = Array.from({ length: 20 }, (_, i) =>
      store.save({ approvals: [{ previous: read, next: decided(first, T0 + i) }] }),
    );
    expect((await Promise.all(saves)).filter(Boolean)).toHaveLength(1);
    expect(await keys('decided/press')).toHaveLength(1);
  });

  test('is not saved after its deadline', async () => {
    const first = await saved(undefined, approvalOf('A000000001'));
    const read = await store.approval(first.id);
    await expect(
      store.save({ approvals: [{ previous: read, next: decided(first, T0) }], deadline: 1 }),
    ).rejects.toMatchObject({
      code: 'deadline_passed',
    });
    expect((await store.approval(first.id))?.raw).toBe(read?.raw);
    expect(await keys('decided/press')).toEqual([]);
  });

  test('keeps its outputs under keys of their own, by what they are and never by round number', async () => {
    const first = approvalOf('A000000001');
    const outputs = [text('Hello *world* 😀 \u0000'), readOutput('{"b": 1, "a": [null, "x"]}'), text('')];
    for (const [i, output] of outputs.entries()) {
      const stored = await store.approval(first.id);
      const extra = { outputs: [{ hash: hashOutput(output), output }] };
      expect(
        await store.save({
          approvals: [{ previous: stored, next: { ...first, createdAt: T0 + i }, ...extra }],
        }),
      ).toBe(true);
    }
    for (const output of outputs) expect(await store.output(first.id, hashOutput(output))).toEqual(output);
    expect(await store.output('A000000002', hashOutput(outputs[0] as Output))).toBeUndefined();
    expect(await keys('output')).toEqual(
      outputs.map((output) => `output/${first.id}/${hashOutput(output)}`).sort(),
    );
  });

  test('keeps its outputs to the last digit', async () => {
    const first = approvalOf('A000000001');
    const texts = [
      '{"n": 12345678901234567890}',
      '{"n": 12345678901234567891}',
      '{"n": 12345678901234567000}',
      '{"n": 1, "n": 12345678901234567000, "__proto__": 1, "__proto__": 2}',
    ];
    const outputs = texts.map((sent) => readOutput(sent));
    for (const [i, output] of outputs.entries()) {
      const stored = await store.approval(first.id);
      const extra = { outputs: [{ hash: hashOutput(output), output }] };
      expect(
        await store.save({
          approvals: [{ previous: stored, next: { ...first, createdAt: T0 + i }, ...extra }],
        }),
      ).toBe(true);
    }
    for (const output of outputs) expect(await store.output(first.id, hashOutput(output))).toEqual(output);
  });

  test('stays small with a large output', async () => {
    const first = approvalOf('A000000001');
    const output = text('x'.repeat(500_000));
    await store.save({
      approvals: [{ previous: undefined, next: first, outputs: [{ hash: hashOutput(output), output }] }],
    });
    expect((await store.approval(first.id))?.raw.length).toBeLessThan(3_000);
    expect(await store.output(first.id, hashOutput(output))).toEqual(output);
  });

  test('has each of its facts under a key of its own, in order of time, also those that its record drops', async () => {
    let approval = await saved(undefined, approvalOf('A000000001'));
    await saved(undefined, approvalOf('B000000001', { at: T0 + 30_000 }));
    for (let i = 1; i <= 70; i++) {
      const fact = { seq: approval.factCount + 1, at: T0 + i * 1_000, what: `fact ${i}` };
      const facts = [...approval.facts, fact].slice(-50);
      approval = await saved(approval, { ...approval, facts, factCount: fact.seq });
    }
    expect((await store.approval(approval.id))?.record.facts).toHaveLength(50);
    const all = await keys('fact');
    expect(all).toHaveLength(72);
    const raws = (await records.getMany(all)) as string[];
    const facts = raws.map((raw) => (JSON.parse(raw) as { value: Fact & { approval: string } }).value);
    expect(facts.map(({ at }) => at)).toEqual(facts.map(({ at }) => at).sort((a, b) => a - b));
    expect(facts.filter(({ approval: id }) => id === approval.id).map(({ seq }) => seq)).toEqual(
      Array.from({ length: 71 }, (_, i) => i + 1),
    );
    expect(facts[0]).toMatchObject({ what: 'received', crew: 'press', execution: 'run of A000000001' });
  });
});

describe('the indexes of approvals', () => {
  test('`open` holds an approval exactly while some lane can become due', async () => {
    const posting = await saved(undefined, approvalOf('A000000001'));
    expect(await openKeys(), 'its card has to be posted').toHaveLength(1);
    const waiting = await saved(posting, shownAll(posting));
    expect(await openKeys(), 'only a person can do something').toEqual([]);
    const sending = await saved(waiting, decided(waiting, T0 + 60_000));
    expect(await openKeys(), 'CrewAI has to be told').toHaveLength(1);
    const told = await saved(sending, accepted(sending, T0 + 61_000));
    expect(await openKeys(), 'the card has to say so').toHaveLength(1);
    const quiet = await saved(told, shownAll(told));
    expect(await openKeys(), 'the run may turn out to be silent').toEqual([
      `open/${String(T0 + 661_000).padStart(15, '0')}/A000000001`,
    ]);
    const ended = await saved(
      quiet,
      happens(quiet, { type: 'run_finished', at: T0 + 70_000, withResult: true }),
    );
    expect(await openKeys(), 'the result has to be posted').toHaveLength(1);
    const noted = await saved(ended, shownAll(ended.notes.reduce(removeNote, ended)));
    expect(await openKeys(), 'all is told').toEqual([]);
    expect(currentRound(noted).status).toBe('approved');
  });

  test('`open` has one entry of an approval, at the time when it is due next', async () => {
    const posting = await saved(undefined, approvalOf('A000000001'));
    const claimed = await saved(posting, claimLane(posting, 'card', 'worker/1', T0));
    expect(await openKeys()).toEqual([`open/00${T0 + 10_000}/A000000001`]);
    await saved(claimed, releaseLane(claimed, 'card', 'worker/1'));
    expect(await openKeys()).toEqual(['open/000000000000000/A000000001']);
  });

  test('`waiting` holds an approval while a person has something to do, `decided` from its decision on', async () => {
    const waiting = await saved(undefined, approvalOf('A000000001'));
    const entry = `waiting/press/00${T0}/A000000001`;
    expect([await keys('waiting'), await keys('decided')]).toEqual([[entry], []]);
    const sending = await saved(waiting, decided(waiting, T0 + 5));
    const once = [`decided/press/00${T0 + 5}/A000000001`];
    expect([await keys('waiting'), await keys('decided')]).toEqual([[], once]);
    const failure = { kind: 'refused', status: 404 } as const;
    const round = 1;
    const started = happens(sending, { type: 'attempt_started', dialect: 'documented', at: T0 + 6, round });
    const outcome = { kind: 'refused', failure } as const;
    const refused = await saved(
      sending,
      happens(started, { type: 'attempt_ended', at: T0 + 7, round, outcome, backoffMs: 0 }),
    );
    expect([await keys('waiting'), await keys('decided')]).toEqual([[entry], once]);
    await saved(refused, happens(refused, { type: 'give_up', at: T0 + 8, round, by: 'UANA' }));
    expect([await keys('waiting'), await keys('decided')]).toEqual([[], once]);
  });

  test('a new round waits from its own time on, and its decision replaces the one before in `decided`', async () => {
    const first = await saved(undefined, approvalOf('A000000001'));
    const asked = await saved(first, accepted(decided(first, T0 + 1, 'request_revision'), T0 + 2));
    const second = await saved(asked, happens(asked, outputEvent('another', T0 + 3)));
    expect(await keys('waiting')).toEqual([`waiting/press/00${T0 + 3}/A000000001`]);
    await saved(second, decided(second, T0 + 4));
    expect(await keys('decided')).toEqual([`decided/press/00${T0 + 4}/A000000001`]);
  });

  test('are what the record says, after any sequence of events', async () => {
    const event = fc.constantFrom(
      'approve',
      'revise',
      'accepted',
      'unknown',
      'refused',
      'retry',
      'give up',
      'new output',
      'same output',
      'other task',
      'finished',
      'cards shown',
      'notes posted',
      'claim',
      'release',
    );
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 14 }), async (events) => {
        const id = `P${String(++count).padStart(9, '0')}`;
        const crew = `crew-${count}`;
        let approval = await saved(undefined, approvalOf(id, { crew }));
        for (const [i, name] of events.entries()) {
          const next = step(approval, name, T0 + i * 1_000);
          approval = await saved(approval, next);
          const all = await openKeys();
          const due = nextSteps(approval, Number.NEGATIVE_INFINITY).map(({ at }) => at);
          const entries = all.filter((key) => key.endsWith(id));
          expect(entries).toEqual(
            due.length === 0 ? [] : [`open/${String(Math.floor(Math.min(...due))).padStart(15, '0')}/${id}`],
          );
          const status = currentRound(approval).status;
          const forPerson = ['waiting', 'refused', 'undelivered'].includes(status);
          expect(await keys(`waiting/${crew}`)).toHaveLength(forPerson ? 1 : 0);
          const wasDecided = approval.rounds.some((round) => round.decision);
          expect(await keys(`decided/${crew}`)).toHaveLength(wasDecided ? 1 : 0);
        }
        expect((await store.approval(id))?.record.factCount).toBe(approval.factCount);
      }),
      { numRuns: 60 },
    );
  });
});

function step(approval: Approval, name: string, at: number): Approval {
  const round = currentRound(approval).number;
  const by = 'UANA';
  const tried = (event: ApprovalEvent): Approval => {
    const result = transition(approval, event);
    return 'approval' in result ? result.approval : approval;
  };
  const attempt = (outcome: Extract<ApprovalEvent, { type: 'attempt_ended' }>['outcome']): Approval => {
    const started = transition(approval, { type: 'attempt_started', dialect: 'documented', at, round });
    const from = 'approval' in started ? started.approval : approval;
    const ended = transition(from, { type: 'attempt_ended', at, round, outcome, backoffMs: 1_500.5 });
    return 'approval' in ended ? ended.approval : from;
  };
  switch (name) {
    case 'approve':
      return tried({ type: 'decide', at, round, action: 'approve', feedback: '', by });
    case 'revise':
      return tried({
        type: 'decide',
        at,
        round,
        action: 'request_revision',
        feedback: 'no',
        by,
      });
    case 'accepted':
      return attempt({ kind: 'accepted' });
    case 'unknown':
      return attempt({ kind: 'unknown', failure: { kind: 'unknown' } });
    case 'refused':
      return attempt({ kind: 'refused', failure: { kind: 'refused' } });
    case 'retry':
      return tried({ type: 'retry', at, round, by });
    case 'give up':
      return tried({ type: 'give_up', at, round, by });
    case 'new output':
      return tried(outputEvent(`new at ${at}`, at));
    case 'same output':
      return tried(outputEvent(`output of ${approval.id}`, at));
    case 'other task':
      return tried({ type: 'other_webhook', at, taskReported: true });
    case 'finished':
      return tried({ type: 'run_finished', at, withResult: true });
    case 'cards shown':
      return shownAll(approval, at);
    case 'notes posted':
      return approval.notes.reduce(removeNote, approval);
    case 'claim':
      return claimLane(approval, 'card', 'worker/1', at);
    default:
      return releaseLane(approval, 'card', 'worker/1');
  }
}

describe('what is due', () => {
  const at = (id: string, time: number) => {
    const approval = approvalOf(id);
    const lanes = { ...approval.lanes, card: { failures: 1, notBefore: time } };
    return { ...approval, lanes };
  };

  test('is listed by its time, the longest due first, up to and with the time that is asked for', async () => {
    await saved(undefined, at('C000000003', T0 + 20));
    await saved(undefined, at('B000000002', T0));
    await saved(undefined, at('A000000001', T0 + 10));
    expect(await listIds(store, 'due', 'all', { until: T0 - 1, limit: 10 })).toEqual([]);
    expect(await listIds(store, 'due', 'all', { until: T0, limit: 10 })).toEqual(['B000000002']);
    expect(await listIds(store, 'due', 'all', { until: T0 + 19, limit: 10 })).toEqual([
      'B000000002',
      'A000000001',
    ]);
    expect(await listIds(store, 'due', 'all', { until: T0 + 20, limit: 10 })).toEqual([
      'B000000002',
      'A000000001',
      'C000000003',
    ]);
  });

  test('comes in pages that together hold everything once, while what was carried out leaves the list', async () => {
    const ids = Array.from({ length: 23 }, (_, i) => `A${String(i).padStart(9, '0')}`);
    await Promise.all(ids.map((id, i) => saved(undefined, at(id, T0 + (i % 4)))));
    const listed: string[] = [];
    let after: string | undefined;
    do {
      const page = await store.list('due', 'all', { until: T0 + 3, limit: 5, after });
      expect(page.length).toBeLessThanOrEqual(5);
      listed.push(...page.map(({ id }) => id));
      for (const { id } of page) {
        const { record } = (await store.approval(id)) as Stored<Approval>;
        await saved(record, shownAll(record));
      }
      after = page.at(-1)?.place;
    } while (after !== undefined);
    expect([...listed].sort()).toEqual(ids);
    expect(await listIds(store, 'due', 'all', { until: T0 + 3, limit: 5 })).toEqual([]);
  });
});

describe('what waits for a person', () => {
  test('is listed over several crews, the oldest first, and only of the crews that are asked for', async () => {
    await saved(undefined, approvalOf('C000000003', { crew: 'press', at: T0 + 3 }));
    await saved(undefined, approvalOf('D000000004', { crew: 'press-2', at: T0 + 1 }));
    await saved(undefined, approvalOf('A000000001', { crew: 'zoo', at: T0 + 2 }));
    await saved(undefined, approvalOf('B000000002', { crew: 'press', at: T0 + 4 }));
    const waiting = async (crews: string[], limit: number) =>
      (await store.list('waiting', crews, { limit })).map(({ id }) => id);
    expect(await waiting(['press', 'press-2', 'zoo'], 10)).toEqual([
      'D000000004',
      'A000000001',
      'C000000003',
      'B000000002',
    ]);
    expect(await waiting(['zoo', 'press', 'press-2'], 2)).toEqual(['D000000004', 'A000000001']);
    expect(await waiting(['press'], 10)).toEqual(['C000000003', 'B000000002']);
    expect(await waiting([], 10)).toEqual([]);
  });
});

const executionOf = (executionId: string, crew = 'press', more: Partial<Execution> = {}): Execution => ({
  v: RECORD_VERSION,
  crew,
  executionId,
  metaUrls: {},
  registeredUrls: {},
  approvals: [],
  humanInput: false,
  hasResult: false,
  warnings: [],
  ...more,
});

describe('an execution in the store', () => {
  const ODD_IDS = [
    'run/with/slashes',
    '../../etc/passwd',
    'run%2Fpercent',
    'x'.repeat(255),
    '😀'.repeat(127),
    'a b\u0000c',
    'ünïcode',
    '.',
    '/',
    '%',
  ];

  test.each(ODD_IDS)('is kept, found and told apart by its id as CrewAI gave it: %j', async (executionId) => {
    const urls = { task: 'https://example.com/task?token=a/b' };
    const execution = executionOf(executionId, 'press', { metaUrls: urls, approvals: ['A000000001'] });
    const result = readOutput('{"total": 3}');
    expect(await store.save({ execution: { previous: undefined, next: execution, result } })).toBe(true);
    expect((await store.execution('press', executionId))?.record).toEqual(execution);
    expect(await store.execution('press-2', executionId)).toBeUndefined();
    expect(await store.execution('press', `${executionId}/`)).toBeUndefined();
    expect(await store.result('press', executionId)).toEqual(result);
    expect(await store.result('press-2', executionId)).toBeUndefined();
    expect(await store.executionsBeginning(executionId, 5)).toEqual([{ crew: 'press', executionId }]);
  });

  test('is not confused with another whose crew and id make the same path', async () => {
    await store.save({ execution: { previous: undefined, next: executionOf('a/b', 'c') } });
    expect(await store.execution('b/c', 'a')).toBeUndefined();
    expect(await store.save({ execution: { previous: undefined, next: executionOf('a', 'b/c') } })).toBe(
      true,
    );
    expect(await store.executionsBeginning('a', 5)).toEqual([{ executionId: 'a', crew: 'b/c' }]);
    expect(await store.executionsBeginning('a/b', 5)).toEqual([{ executionId: 'a/b', crew: 'c' }]);
  });

  test('is saved with the approval that it opens, its output, index entries and facts, or none of them is', async () => {
    const approval = approvalOf('A000000001', { executionId: 'run-1' });
    const output = text('output of A000000001');
    const opened = opening(approval, output);
    const execution = executionOf('run-1', 'press', { approvals: ['A000000001'] });
    expect(await store.save({ execution: { previous: undefined, next: execution }, ...opened })).toBe(true);
    const stored = await store.approval('A000000001');
    expect(stored?.record).toEqual(approval);
    expect((await store.execution('press', 'run-1'))?.record).toEqual(execution);
    expect(await store.output('A000000001', hashOutput(output))).toEqual(output);
    expect(await listIds(store, 'due', 'all', { until: T0, limit: 5 })).toEqual(['A000000001']);
    expect(await store.list('waiting', ['press'], { limit: 5 })).toMatchObject([{ id: 'A000000001' }]);
    expect(await listKeys(records, 'fact', { limit: 5 })).toHaveLength(1);

    const other = approvalOf('A000000002', { executionId: 'run-1' });
    const late = opening(other, text('output of A000000002'));
    expect(await store.save({ execution: { previous: undefined, next: execution }, ...late })).toBe(false);
    expect(await store.approval('A000000002')).toBeUndefined();
    const read = await store.execution('press', 'run-1');
    expect(
      await store.save({
        execution: { previous: read, next: { ...execution, humanInput: true } },
        ...opened,
      }),
    ).toBe(false);
    expect((await store.execution('press', 'run-1'))?.record.humanInput).toBe(false);
    expect(await listIds(store, 'due', 'all', { until: T0, limit: 5 })).toEqual(['A000000001']);
  });

  test('is not deleted with its last approval when another was opened meanwhile', async () => {
    const execution = executionOf('run-1', 'press', { approvals: ['A000000001'] });
    const approval = approvalOf('A000000001', { executionId: 'run-1' });
    await store.save({
      execution: { previous: undefined, next: execution },
      ...opening(approval, text('one')),
    });
    const read = (await store.approval('A000000001')) as Stored<Approval>;
    const commit = records.commit.bind(records);
    records.commit = async (deletion) => {
      records.commit = commit;
      const other = approvalOf('A000000002', { executionId: 'run-1' });
      const both = { ...execution, approvals: ['A000000001', 'A000000002'] };
      const known = await store.execution('press', 'run-1');
      await store.save({ execution: { previous: known, next: both }, ...opening(other, text('two')) });
      return commit(deletion);
    };
    expect(await store.forget(read)).toBe(false);
    expect((await store.execution('press', 'run-1'))?.record.approvals).toHaveLength(2);
    expect(await store.forget(read)).toBe(true);
    expect(await store.execution('press', 'run-1')).toBeDefined();
    expect(await store.approval('A000000001')).toBeUndefined();
  });

  test('is not deleted beneath an approval that a webhook opened anew while its last two were deleted', async () => {
    const ids = ['A000000001', 'A000000002'];
    const execution = executionOf('run-1', 'press', { approvals: ids });
    const [one, two] = ids.map((id) => approvalOf(id, { executionId: 'run-1' })) as [Approval, Approval];
    await store.save({ execution: { previous: undefined, next: execution }, ...opening(one, text('one')) });
    await saved(undefined, two);
    const [first, second] = await Promise.all(
      ids.map((id) => store.approval(id) as Promise<Stored<Approval>>),
    );
    const commit = records.commit.bind(records);
    records.commit = async (deletion) => {
      records.commit = commit;
      // Another replica deletes the other one, then a webhook comes of this one.
      expect(await store.forget(second as Stored<Approval>)).toBe(true);
      const done = await commit(deletion);
      await saved(undefined, one);
      return done;
    };
    expect(await store.forget(first as Stored<Approval>)).toBe(true);
    expect(await store.approval('A000000001')).toBeDefined();
    expect(await store.execution('press', 'run-1')).toBeDefined();
  });

  test('is saved only over what was read', async () => {
    const execution = executionOf('run-1');
    await store.save({ execution: { previous: undefined, next: execution } });
    expect(
      await store.save({ execution: { previous: undefined, next: { ...execution, humanInput: true } } }),
    ).toBe(false);
    const read = await store.execution('press', 'run-1');
    expect(
      await store.save({ execution: { previous: read, next: { ...execution, lastWebhookAt: T0 } } }),
    ).toBe(true);
    expect(
      await store.save({
        execution: { previous: read, next: { ...execution, finishedAt: T0 }, result: text('result') },
      }),
    ).toBe(false);
    expect(await store.result('press', 'run-1')).toBeUndefined();
  });
});

describe('a look-up by the beginning of an id', () => {
  test('finds approvals that begin so, no others, at most as many as asked for', async () => {
    for (const id of ['ABC0000001', 'ABC0000002', 'ABD0000001', 'AB00000001'])
      await saved(undefined, approvalOf(id));
    expect(await store.approvalsBeginning('ABC', 10)).toEqual(['ABC0000001', 'ABC0000002']);
    expect(await store.approvalsBeginning('ABC', 1)).toEqual(['ABC0000001']);
    expect(await store.approvalsBeginning('ABC0000002', 10)).toEqual(['ABC0000002']);
    expect(await store.approvalsBeginning('ABC00000021', 10)).toEqual([]);
    expect(await store.approvalsBeginning('ZZZ', 10)).toEqual([]);
    expect(await store.approvalsBeginning('ABC/', 10)).toEqual([]);
    expect(await store.approvalsBeginning('%', 10)).toEqual([]);
  });

  test('finds an execution in each crew that has one of this id', async () => {
    await store.save({ execution: { previous: undefined, next: executionOf('run-1', 'press') } });
    await store.save({ execution: { previous: undefined, next: executionOf('run-1', 'zoo') } });
    await store.save({ execution: { previous: undefined, next: executionOf('ran-1', 'zoo') } });
    expect(await store.executionsBeginning('run', 10)).toEqual([
      { crew: 'press', executionId: 'run-1' },
      { crew: 'zoo', executionId: 'run-1' },
    ]);
  });

  test('gives the execution whose whole id it is before those that only begin so', async () => {
    for (const id of ['run-001', 'run-001-b', 'run-001-c'])
      await store.save({ execution: { previous: undefined, next: executionOf(id) } });
    expect(await store.executionsBeginning('run-001', 2)).toContainEqual({
      crew: 'press',
      executionId: 'run-001',
    });
  });
});

describe('a record that cannot be read', () => {
  test.each([
    ['is no JSON', '{"value": {'],
    ['is of another shape', '{"value":{"v":1,"id":"A000000002"}}'],
    ['is nothing', 'null'],
  ])('is set aside under its own key when it %s, is told once, and hides no other', async (_, raw) => {
    for (const id of ['A000000001', 'A000000002', 'A000000003']) await saved(undefined, approvalOf(id));
    await store.save({ execution: { previous: undefined, next: executionOf('run-1') } });
    await putRecord(records, 'approval/A000000002', raw);
    await putRecord(records, 'execution/run-1/press', raw);
    for (const _ of ['first', 'second']) {
      expect(await store.approval('A000000002')).toBeUndefined();
      // Who may decide on it is not known any more; that is known.
      const run = (await store.execution('press', 'run-1'))?.record;
      expect(run).toMatchObject({ executionId: 'run-1', crew: 'press', approvals: [], lost: true });
    }
    for (const key of ['approval/A000000002', 'execution/run-1/press']) {
      expect(await records.get(`unreadable/${key}`)).toBe(raw);
      expect(errors).toContain(`unreadable record set aside: unreadable/${key}`);
    }
    expect(errors).toHaveLength(2);
    expect((await store.approval('A000000001'))?.record.id).toBe('A000000001');
    const others = ['A000000001', 'A000000003'];
    expect(await listIds(store, 'due', 'all', { until: T0, limit: 10 })).toEqual(others);
    expect((await store.list('waiting', ['press'], { limit: 10 })).map(({ id }) => id)).toEqual(others);
    expect(await store.approvalsBeginning('A', 10)).toEqual(others);
    expect(await saved(undefined, approvalOf('A000000002'))).toBeDefined();
  });

  test('is left as it is when a newer version wrote it', async () => {
    await saved(undefined, approvalOf('A000000001'));
    const raw = '{"value":{"v":1000,"id":"A000000001"}}';
    await putRecord(records, 'approval/A000000001', raw);
    await expect(store.approval('A000000001')).rejects.toBeInstanceOf(RecordError);
    expect(await records.get('approval/A000000001')).toBe(raw);
    expect(await listIds(store, 'due', 'all', { until: T0, limit: 10 })).toEqual(['A000000001']);
  });

  test('is never written over by one who did not read it', async () => {
    await putRecord(records, 'approval/A000000001', 'broken');
    expect(await store.save({ approvals: [{ previous: undefined, next: approvalOf('A000000001') }] })).toBe(
      false,
    );
    expect(await records.get('approval/A000000001')).toBe('broken');
  });
});

test('every call rejects with a StoreError once the store has failed', async () => {
  const approval = await saved(undefined, approvalOf('A000000001'));
  const read = await store.approval(approval.id);
  await records.disconnect();
  const calls: Record<string, () => Promise<unknown>> = {
    approval: () => store.approval('A000000001'),
    saveApproval: () => store.save({ approvals: [{ previous: read, next: decided(approval, T0) }] }),
    execution: () => store.execution('press', 'run-1'),
    saveExecution: () => store.save({ execution: { previous: undefined, next: executionOf('run-1') } }),
    output: () => store.output('A000000001', 'hash'),
    result: () => store.result('press', 'run-1'),
    due: () => listIds(store, 'due', 'all', { until: T0, limit: 1 }),
    waiting: () => store.list('waiting', ['press'], { limit: 1 }),
    approvalsBeginning: () => store.approvalsBeginning('A', 1),
    executionsBeginning: () => store.executionsBeginning('run', 1),
  };
  for (const [name, call] of Object.entries(calls)) {
    await expect(call(), name).rejects.toBeInstanceOf(StoreError);
  }
  records = await openSqlite(join(folder, 'another.db'));
});

/** What is written with a run when an approval is opened. */
function opening(approval: Approval, output: Output) {
  const hash = hashOutput(output);
  return { approvals: [{ previous: undefined, next: approval, outputs: [{ hash, output }] }] };
}
