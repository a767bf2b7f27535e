import { beforeEach, describe, expect, test } from 'vitest';
import { recordAlias } from '../../../src/approval/intake/aliases.ts';
import { learnFromRegistration } from '../../../src/approval/intake/change-run-record.ts';
import type { Approval } from '../../../src/approval/model/approval.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import type { Output } from '../../../src/approval/model/output.ts';
import { createRunRecord, type RunRecord } from '../../../src/approval/model/run/run-record.ts';
import type { ApprovalStore } from '../../../src/approval/ports.ts';
import { startRetention } from '../../../src/approval/worker/retention.ts';
import { createApprovalStore } from '../../../src/store/approval-store.ts';
import { buildTestApp } from '../../support/app.ts';
import { createFakeClock, type FakeClock, settled } from '../../support/fake-clock.ts';
import { createMemoryRecords, type MemoryRecords } from '../../support/memory-records.ts';
import { listKeys } from '../../support/records.ts';
import { anApproval, aRound, withCards } from '../builders.ts';

const DAY = 24 * 60 * 60_000;
const HOUR = 60 * 60_000;

let memory: MemoryRecords;
let store: ApprovalStore;
let clock: FakeClock;
let lines: string[];

beforeEach(() => {
  memory = createMemoryRecords();
  clock = createFakeClock();
  lines = [];
  const note = (_: object, fact: string) => void lines.push(fact);
  store = createApprovalStore(memory.records, { info: note, warn: note, error: note });
});

function start(...crews: [name: string, retention?: number][]) {
  const note = (_: object, fact: string) => void lines.push(fact);
  const rules = crews.map(
    ([name, retention]) => [name, { name, ...(retention && { retention }) } as Crew] as const,
  );
  const log = { info: note, warn: note, error: note };
  return startRetention(buildTestApp({ store, crews: new Map(rules), clock, log }));
}

const idOf = (n: number) => `A${String(n).padStart(9, '0')}`;
const kept = () => store.approvalsBeginning('A', 1_000);
const save = async (next: Approval) =>
  expect(await store.save({ approvals: [{ previous: undefined, next }] })).toBe(true);

/** An approval that was settled so long ago, whose card shows it. */
function settledAgo(n: number, ago: number, status: 'approved' | 'revision_requested' = 'approved') {
  const settledAt = clock.now() - ago;
  const action = status === 'approved' ? ('approve' as const) : ('request_revision' as const);
  const decision = { action, feedback: 'Fine', by: 'UANA', at: settledAt };
  return anApproval([aRound({ status, decision, settledAt })], { id: idOf(n) });
}

const decidedAgo = (n: number, ago: number, more: Partial<Approval> = {}) =>
  save(withCards({ ...settledAgo(n, ago), ...more }));

test('deletes approvals settled longer ago than the retention of their crew, hourly, and keeps their facts', async () => {
  await decidedAgo(1, 8 * DAY);
  await decidedAgo(2, 7 * DAY - HOUR / 2);
  await decidedAgo(3, DAY);
  await save(anApproval([aRound({ receivedAt: 0 })], { id: idOf(4) }));
  const close = start(['press', 7 * DAY]);
  await clock.advance(1);
  expect(await kept()).toEqual([2, 3, 4].map(idOf));
  await clock.advance(HOUR);
  expect(await kept()).toEqual([3, 4].map(idOf));
  await clock.advance(100 * DAY);
  expect(await kept(), 'what waits is kept, however old').toEqual([idOf(4)]);
  expect(await listKeys(memory.records, 'fact', { limit: 100 })).toHaveLength(4);
  close();
});

test('uses the retention of each crew, and deletes nothing of a crew without one', async () => {
  await decidedAgo(1, 30 * DAY, { crew: 'budget' });
  await decidedAgo(2, 30 * DAY, { crew: 'hr' });
  await decidedAgo(3, 30 * DAY);
  const close = start(['press', 7 * DAY], ['budget'], ['hr', 60 * DAY]);
  await settled();
  expect(await kept()).toEqual([1, 2].map(idOf));
  close();
});

test('keeps an approval for one more week at most while a revision or a card update is missing', async () => {
  await save(withCards(settledAgo(1, 8 * DAY, 'revision_requested')));
  const ended = { ...settledAgo(2, 8 * DAY, 'revision_requested'), runEndedAt: clock.now() - 8 * DAY };
  await save(withCards(ended));
  await save(settledAgo(3, 8 * DAY));
  for (let n = 4; n <= 60; n += 1) await decidedAgo(n, 8 * DAY - n);
  const close = start(['press', 7 * DAY]);
  await clock.advance(1);
  while ((await kept()).length > 2) await settled();
  expect(await kept(), 'a revision to come, a card to update').toEqual([1, 3].map(idOf));
  await clock.advance(5 * DAY);
  expect(await kept()).toHaveLength(2);
  await clock.advance(2 * DAY);
  expect(await kept()).toEqual([]);
  close();
});

test('deletes more than one page of approvals in one run', async () => {
  for (let n = 1; n <= 120; n += 1) await decidedAgo(n, 8 * DAY);
  const close = start(['press', 7 * DAY]);
  while ((await kept()).length > 0) await settled();
  await settled();
  expect(lines).toContain('approvals were deleted by retention');
  close();
});

test('logs a store failure and tries again in an hour; deletes nothing after the bot stopped', async () => {
  await decidedAgo(1, 8 * DAY);
  memory.fails('writes');
  const close = start(['press', 7 * DAY]);
  await clock.advance(1);
  expect(lines.at(-1)).toContain('retrying in an hour');
  memory.works();
  await clock.advance(HOUR);
  expect(await kept()).toEqual([]);
  close();
  await decidedAgo(2, 8 * DAY);
  await clock.advance(2 * HOUR);
  expect(await kept()).toHaveLength(1);
});

describe('a run of which nothing was shown', () => {
  const press = { name: 'press' };
  const run = (changed: Partial<RunRecord> = {}): RunRecord => ({
    ...createRunRecord(press, 'e1'),
    lastWebhookAt: clock.now(),
    ...changed,
  });
  const saveRun = async (next: RunRecord, result?: Output) =>
    expect(await store.save({ run: { previous: undefined, next, result } })).toBe(true);
  const keys = async () => (await memory.records.range('execution', { limit: 10 })).length;
  const ended = { finishedAt: 0 };

  // biome-ignore format: a table
  test.each<[string, Partial<RunRecord>, number]>([
    ['is deleted a week after its last webhook', {}, 0],
    ['is deleted when it has ended, also if it was registered', { ...ended, registeredUrls: { task: 'https://x.example' } }, 0],
    ['is kept while it may narrow who decides', { approvers: ['UANA'] }, 1],
    ['is kept while it narrows where its cards go', { channel: 'CSECRET' }, 1],
    ['is kept while it may exclude who started it', { requestedBy: 'UANA' }, 1],
    ['is kept while it knows webhook URLs that a decision needs', { metaUrls: { task: 'https://x.example' } }, 1],
    ['is kept while its record was damaged: who may decide is not known', { lost: true }, 1],
    ['is kept until it is checked whether its pauses can be seen', { checkAt: Number.MAX_SAFE_INTEGER }, 1],
    ['that failed is kept while it may narrow who decides: it may go on', { failure: { at: 0 }, approvers: ['UANA'] }, 1],
    ['is kept while it is registered', { registeredUrls: { task: 'https://x.example' } }, 1],
    ['is kept with an approval', { ...ended, approvals: [idOf(1)] }, 1],
  ])('%s', async (_, changed, left) => {
    await saveRun(run(changed));
    const close = start(['press']);
    await clock.advance(6 * DAY);
    expect(await keys()).toBe(1);
    await clock.advance(2 * DAY);
    expect(await keys()).toBe(left);
    close();
  });

  test('that was registered and never heard of is deleted 90 days later', async () => {
    const crew = { ...press, approvers: [], tasks: [] } as unknown as Crew;
    const registration = { urls: { task: 'https://x.example' } };
    const { lastWebhookAt: _, ...silent } = run();
    await saveRun(learnFromRegistration(crew, registration, silent, clock.now()).record);
    const close = start(['press']);
    await clock.advance(89 * DAY);
    expect(await keys()).toBe(1);
    await clock.advance(2 * DAY);
    expect(await keys()).toBe(0);
    close();
  });

  test('is kept where an earlier build registered it, which did not record when', async () => {
    const { lastWebhookAt: _, ...silent } = run({ approvers: ['UANA'] });
    await saveRun(silent);
    const close = start(['press']);
    await clock.advance(8 * DAY);
    expect(await keys()).toBe(1);
    close();
  });

  test('is deleted after the retention of its crew, if that is shorter', async () => {
    await saveRun(run(ended));
    const close = start(['press', 2 * DAY]);
    await clock.advance(3 * DAY);
    expect(await keys()).toBe(0);
    close();
  });

  test('goes with its result and its other ids', async () => {
    await saveRun(run({ ...ended, hasResult: true }), { kind: 'text', text: 'The result' });
    const log = { info() {}, warn() {}, error() {} };
    await recordAlias(buildTestApp({ store, clock, log }), 'press', 'e2', 'e1');
    expect(await store.originalId('press', 'e2')).toBe('e1');
    const close = start(['press']);
    await clock.advance(8 * DAY);
    expect(await memory.records.range('result', { limit: 10 })).toEqual([]);
    expect(await memory.records.range('alias', { limit: 10 })).toEqual([]);
    expect(await memory.records.range('idle', { limit: 10 })).toEqual([]);
    close();
  });
});
