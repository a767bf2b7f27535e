import { expect, it, onTestFinished } from 'vitest';
import { UserGroups } from '../../../src/slack/directory/user-groups.ts';
import { collectingLog, handClock, startStage, UNANSWERED_AFTER } from '../stage.ts';

async function start(approvers: string[], timeout = 15_000) {
  const { workspace, client } = await startStage({ timeout });
  const { log, lines } = collectingLog();
  const hand = handClock();
  let now = 0;
  const clock = { ...hand.clock, now: () => now };
  const groups = new UserGroups({ client, clock, log }, approvers);
  onTestFinished(groups.close);
  const read = (id: string) => {
    const members = groups.members(id);
    return members && [...members];
  };
  const later = (milliseconds: number) => (now += milliseconds);
  return { workspace, groups, hand, lines, read, later };
}

it('the members of every group are known soon after the start, each group read once', async () => {
  const { workspace, groups, hand, read } = await start(['UANA', 'SEDITORS', 'SLAWYERS', 'SEDITORS']);
  expect(read('SEDITORS')).toBeUndefined();
  groups.start();
  await hand.set();
  expect(read('SEDITORS')).toEqual(['UBEN']);
  expect(read('SLAWYERS')).toEqual(['UANA']);
  expect(read('SOTHER')).toBeUndefined();
  expect(workspace.calls.map(({ args }) => args.usergroup)).toEqual(['SEDITORS', 'SLAWYERS']);
});

it('they are read again each minute, and asking for them calls nobody', async () => {
  const { workspace, groups, hand, read } = await start(['SEDITORS']);
  groups.start();
  await hand.set();
  expect(hand.waiting()).toEqual([60_000]);
  for (let n = 0; n < 100; n += 1) read('SEDITORS');
  expect(workspace.calls).toHaveLength(1);
  hand.ring();
  await hand.set();
  expect(workspace.calls).toHaveLength(2);
});

it.each([
  // What Slack refuses it refuses again.
  ['is refused', { error: 'plan_upgrade_required' }, 60_000],
  ['fails inside Slack', { error: 'internal_error' }, 5_000],
  ['does not answer in time', { noAnswer: true as const }, 5_000],
  ['breaks off', { reset: true as const }, 5_000],
])(
  'a group whose reading %s allows nobody until it can be read again, the other groups stay',
  async (_, failure, again) => {
    const timeout = 'noAnswer' in failure ? UNANSWERED_AFTER : undefined;
    const { workspace, groups, hand, lines, read } = await start(['SEDITORS', 'SLAWYERS'], timeout);
    groups.start();
    await hand.set();
    workspace.failures.plan({ on: 'usergroups.users.list', failure });
    hand.ring();
    await hand.set();
    expect(read('SEDITORS')).toBeUndefined();
    expect(read('SLAWYERS')).toEqual(['UANA']);
    expect(lines.map(({ level }) => level)).toEqual(['error']);
    expect(hand.waiting()).toEqual([again]);
    hand.ring();
    await hand.set();
    expect(read('SEDITORS')).toEqual(['UBEN']);
  },
);

it('while Slack limits the reading, what was read in the last five minutes counts, and nothing is asked', async () => {
  const { workspace, groups, hand, read, later } = await start(['SEDITORS', 'SLAWYERS']);
  groups.start();
  await hand.set();
  later(60_000);
  workspace.failures.plan({
    on: 'usergroups.users.list',
    times: Number.POSITIVE_INFINITY,
    failure: { rateLimited: { retryAfter: 600 } },
  });
  hand.ring();
  await hand.set();
  // The round ends at the first limit.
  expect(workspace.calls).toHaveLength(3);
  expect(hand.waiting()).toEqual([600_000]);
  expect([read('SEDITORS'), read('SLAWYERS')]).toEqual([['UBEN'], ['UANA']]);
  later(20_000);
  groups.refreshForNewMember();
  // The next reading still waits.
  expect(hand.waiting()).toEqual([600_000]);
  expect(workspace.calls).toHaveLength(3);
  later(5 * 60_000 - 80_000 - 1);
  expect(read('SEDITORS')).toEqual(['UBEN']);
  later(1);
  expect([read('SEDITORS'), read('SLAWYERS')]).toEqual([undefined, undefined]);
});

it('a group that a limit left out is read first the next time', async () => {
  const { workspace, groups, hand, later } = await start(['SEDITORS', 'SLAWYERS']);
  const limited = (usergroup: string) => ({
    on: 'usergroups.users.list',
    failure: { rateLimited: { retryAfter: 30 } },
    when: (body: unknown) => JSON.stringify(body).includes(usergroup) || String(body).includes(usergroup),
  });
  workspace.failures.plan(limited('SLAWYERS'));
  groups.start();
  await hand.set();
  later(30_000);
  hand.ring();
  await hand.set();
  const asked = workspace.calls.map(({ args }) => args.usergroup);
  expect(asked).toEqual(['SEDITORS', 'SLAWYERS', 'SLAWYERS', 'SEDITORS']);
});

it('without groups nothing is asked, and after the end nothing more', async () => {
  const none = await start(['UANA', 'WBEN']);
  none.groups.start();
  expect(none.hand.waiting()).toEqual([]);
  expect(none.workspace.calls).toEqual([]);
  const some = await start(['SEDITORS']);
  some.groups.start();
  await some.hand.set();
  some.groups.close();
  expect(some.hand.waiting()).toEqual([]);
});
