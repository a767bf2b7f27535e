import { beforeEach, expect, test } from 'vitest';
import type { Approval } from '../../src/approval/approval.ts';
import type { Crew } from '../../src/approval/crew.ts';
import type { ApprovalStore } from '../../src/approval/ports.ts';
import { createRetention } from '../../src/approval/retention.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { createFakeClock, type FakeClock, settled } from '../support/fake-clock.ts';
import { createMemoryRecords, type MemoryRecords } from '../support/memory-records.ts';
import { anApproval, aRound } from './builders.ts';

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
  const retention = createRetention({
    store,
    crews: crews.map(([name, time]) => ({ name, ...(time ? { retention: time } : {}) }) as Crew),
    clock,
    log: { info: note, warn: note, error: note },
  });
  retention.start();
  return retention;
}

const idOf = (n: number) => `A${String(n).padStart(9, '0')}`;

async function decidedAgo(n: number, ago: number, more: Partial<Approval> = {}) {
  const at = clock.now() - ago;
  const decision = { action: 'approve' as const, feedback: 'Fine', by: 'UANA', at };
  const round = { ...aRound({ status: 'approved', decision, settledAt: at }), number: 1 };
  const approval = anApproval([round], { id: idOf(n), ...more });
  expect(await store.saveApproval(undefined, approval)).toBe(true);
}

const kept = async () => (await store.approvalsBeginning('A', 1_000)).length;

test('what was settled longer ago than a crew keeps it goes, at the start and each hour, and its facts stay', async () => {
  await decidedAgo(1, 8 * DAY);
  await decidedAgo(2, 7 * DAY - HOUR / 2);
  await decidedAgo(3, DAY);
  await store.saveApproval(undefined, anApproval([aRound({ receivedAt: 0 })], { id: idOf(4) }));
  const { close } = start(['press', 7 * DAY]);
  await clock.advance(1);
  expect(await store.approvalsBeginning('A', 10)).toEqual([2, 3, 4].map(idOf));
  await clock.advance(HOUR);
  expect(await store.approvalsBeginning('A', 10)).toEqual([3, 4].map(idOf));
  await clock.advance(100 * DAY);
  expect(await store.approvalsBeginning('A', 10), 'what waits is kept, however old').toEqual([idOf(4)]);
  expect(await memory.records.range('fact', { limit: 100 })).toHaveLength(4);
  close();
});

test('crews that keep everything keep everything, and each has its own time', async () => {
  await decidedAgo(1, 30 * DAY, { crew: 'budget' });
  await decidedAgo(2, 30 * DAY, { crew: 'hr' });
  await decidedAgo(3, 30 * DAY);
  const { close } = start(['press', 7 * DAY], ['budget'], ['hr', 60 * DAY]);
  await settled();
  expect(await store.approvalsBeginning('A', 10)).toEqual([1, 2].map(idOf));
  close();
});

test('many are deleted in one go, 50 at a time', async () => {
  for (let n = 1; n <= 120; n += 1) await decidedAgo(n, 8 * DAY);
  const { close } = start(['press', 7 * DAY]);
  while ((await kept()) > 0) await settled();
  await settled();
  expect(lines).toContain('approvals were deleted by retention');
  close();
});

test('a store that fails is said, and tried again in an hour; a bot that stops deletes no more', async () => {
  await decidedAgo(1, 8 * DAY);
  memory.fails('writes');
  const { close } = start(['press', 7 * DAY]);
  await clock.advance(1);
  expect(lines.at(-1)).toContain('tried again in an hour');
  memory.works();
  await clock.advance(HOUR);
  expect(await kept()).toBe(0);
  close();
  await decidedAgo(2, 8 * DAY);
  await clock.advance(2 * HOUR);
  expect(await kept()).toBe(1);
});
