import { beforeEach, expect, test } from 'vitest';
import type { Approval } from '../../../src/approval/model/approval.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import type { ApprovalStore } from '../../../src/approval/ports.ts';
import { startRetention } from '../../../src/approval/worker/retention.ts';
import { createApprovalStore } from '../../../src/store/approval-store.ts';
import { buildTestApp } from '../../support/app.ts';
import { createFakeClock, type FakeClock, settled } from '../../support/fake-clock.ts';
import { createMemoryRecords, type MemoryRecords } from '../../support/memory-records.ts';
import { listKeys } from '../../support/records.ts';
import { anApproval, aRound, hashOfCard } from '../builders.ts';

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
  const close = startRetention(
    buildTestApp({
      store,
      crews: new Map(
        crews.map(([name, time]) => [name, { name, ...(time ? { retention: time } : {}) } as Crew]),
      ),
      clock,
      log: { info: note, warn: note, error: note },
    }),
  );
  return { close };
}

const idOf = (n: number) => `A${String(n).padStart(9, '0')}`;

async function decidedAgo(n: number, ago: number, more: Partial<Approval> = {}) {
  const at = clock.now() - ago;
  const decision = { action: 'approve' as const, feedback: 'Fine', by: 'UANA', at };
  const round = { ...aRound({ status: 'approved', decision, settledAt: at }), number: 1 };
  const approval = withCard(anApproval([round], { id: idOf(n), ...more }));
  expect(await store.save({ approvals: [{ previous: undefined, next: approval }] })).toBe(true);
}

/** Its card shows what became of it. */
function withCard(approval: Approval): Approval {
  const rounds = approval.rounds.map((round) => {
    const card = { channel: 'CAPPROVALS', ts: '1.0' };
    return {
      ...round,
      card: { ...card, shown: hashOfCard(approval, { ...round, card: { ...card, shown: '' } }) },
    };
  });
  return { ...approval, rounds };
}

const kept = async () => (await store.approvalsBeginning('A', 1_000)).length;

test('what was settled longer ago than a crew keeps it goes, at the start and each hour, and its facts stay', async () => {
  await decidedAgo(1, 8 * DAY);
  await decidedAgo(2, 7 * DAY - HOUR / 2);
  await decidedAgo(3, DAY);
  await store.save({
    approvals: [{ previous: undefined, next: anApproval([aRound({ receivedAt: 0 })], { id: idOf(4) }) }],
  });
  const retention = start(['press', 7 * DAY]);
  await clock.advance(1);
  expect(await store.approvalsBeginning('A', 10)).toEqual([2, 3, 4].map(idOf));
  await clock.advance(HOUR);
  expect(await store.approvalsBeginning('A', 10)).toEqual([3, 4].map(idOf));
  await clock.advance(100 * DAY);
  expect(await store.approvalsBeginning('A', 10), 'what waits is kept, however old').toEqual([idOf(4)]);
  expect(await listKeys(memory.records, 'fact', { limit: 100 })).toHaveLength(4);
  retention.close();
});

test('crews that keep everything keep everything, and each has its own time', async () => {
  await decidedAgo(1, 30 * DAY, { crew: 'budget' });
  await decidedAgo(2, 30 * DAY, { crew: 'hr' });
  await decidedAgo(3, 30 * DAY);
  const retention = start(['press', 7 * DAY], ['budget'], ['hr', 60 * DAY]);
  await settled();
  expect(await store.approvalsBeginning('A', 10)).toEqual([1, 2].map(idOf));
  retention.close();
});

test('what is not quite over is kept until it is, a week longer at most, and keeps no other', async () => {
  const revision = (n: number, ended: boolean) => {
    const settledAt = clock.now() - 8 * DAY;
    const decision = { action: 'request_revision' as const, feedback: 'Shorter', by: 'UANA', at: settledAt };
    const round = { ...aRound({ status: 'revision_requested', decision, settledAt }), number: 1 };
    return withCard(anApproval([round], { id: idOf(n), ...(ended ? { runEndedAt: settledAt } : {}) }));
  };
  await store.save({ approvals: [{ previous: undefined, next: revision(1, false) }] });
  await store.save({ approvals: [{ previous: undefined, next: revision(2, true) }] });
  const decision = { action: 'approve' as const, feedback: '', by: 'UANA', at: clock.now() - 8 * DAY };
  const approved = { ...aRound({ status: 'approved', decision, settledAt: decision.at }), number: 1 };
  await store.save({ approvals: [{ previous: undefined, next: anApproval([approved], { id: idOf(3) }) }] });
  for (let n = 4; n <= 60; n += 1) await decidedAgo(n, 8 * DAY - n);
  const retention = start(['press', 7 * DAY]);
  await clock.advance(1);
  while ((await kept()) > 2) await settled();
  expect(await store.approvalsBeginning('A', 10), 'a revision to come, a card to update').toEqual(
    [1, 3].map(idOf),
  );
  await clock.advance(5 * DAY);
  expect(await kept()).toBe(2);
  await clock.advance(2 * DAY);
  expect(await kept()).toBe(0);
  retention.close();
});

test('many are deleted in one go, 50 at a time', async () => {
  for (let n = 1; n <= 120; n += 1) await decidedAgo(n, 8 * DAY);
  const retention = start(['press', 7 * DAY]);
  while ((await kept()) > 0) await settled();
  await settled();
  expect(lines).toContain('approvals were deleted by retention');
  retention.close();
});

test('a store that fails is said, and tried again in an hour; a bot that stops deletes no more', async () => {
  await decidedAgo(1, 8 * DAY);
  memory.fails('writes');
  const retention = start(['press', 7 * DAY]);
  await clock.advance(1);
  expect(lines.at(-1)).toContain('tried again in an hour');
  memory.works();
  await clock.advance(HOUR);
  expect(await kept()).toBe(0);
  retention.close();
  await decidedAgo(2, 8 * DAY);
  await clock.advance(2 * HOUR);
  expect(await kept()).toBe(1);
});
