import { expect, it, onTestFinished } from 'vitest';
import { createGroups } from '../../src/slack/groups.ts';
import { collectingLog, handClock, startStage } from './stage.ts';

async function start(approvers: string[]) {
  const { workspace, client } = await startStage();
  const { log, lines } = collectingLog();
  const hand = handClock();
  const groups = createGroups({ client, approvers, clock: hand.clock, log });
  onTestFinished(groups.close);
  const read = (id: string) => {
    const members = groups.members(id);
    return members && [...members];
  };
  return { workspace, groups, hand, lines, read };
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
  ['is refused', { error: 'plan_upgrade_required' }],
  ['is limited', { rateLimited: { retryAfter: 30 } }],
  ['does not answer in time', { hang: true as const }],
  ['breaks off', { reset: true as const }],
])(
  'a group whose reading %s allows nobody until it can be read again, the other groups stay',
  async (_, failure) => {
    const { workspace, groups, hand, lines, read } = await start(['SEDITORS', 'SLAWYERS']);
    groups.start();
    await hand.set();
    workspace.failures.plan({ on: 'usergroups.users.list', failure });
    hand.ring();
    await hand.set();
    expect(read('SEDITORS')).toBeUndefined();
    expect(read('SLAWYERS')).toEqual(['UANA']);
    expect(lines.map(({ level }) => level)).toEqual(['error']);
    expect(hand.waiting()).toEqual([5_000]);
    hand.ring();
    await hand.set();
    expect(read('SEDITORS')).toEqual(['UBEN']);
  },
);

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
