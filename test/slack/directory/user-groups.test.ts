import { expect, it, onTestFinished } from 'vitest';
import { UserGroups } from '../../../src/slack/directory/user-groups.ts';
import { until } from '../../support/until.ts';
import { collectingLog, handClock, startStage, UNANSWERED_AFTER } from '../stage.ts';

async function start(approvers: string[], timeout = 15_000) {
  const { workspace, client } = await startStage({ timeout });
  const { log, lines } = collectingLog();
  const hand = handClock();
  const time = { now: 1 };
  const groups = new UserGroups({ client, clock: { ...hand.clock, now: () => time.now }, log }, approvers);
  onTestFinished(groups.close);
  return {
    workspace,
    groups,
    hand,
    lines,
    time,
    /** The members of two groups. */
    read: () => ['SEDITORS', 'SLAWYERS'].map((id) => groups.members(id) && [...(groups.members(id) ?? [])]),
    asked: () => workspace.calls.flatMap(({ args }) => args.usergroup ?? []),
    async begin() {
      groups.start();
      await hand.set();
    },
    async ring() {
      hand.ring();
      await hand.set();
    },
  };
}

it('reads the members of each group soon after the start, each group once', async () => {
  const { groups, read, asked, begin } = await start(['UANA', 'SEDITORS', 'SLAWYERS', 'SEDITORS']);
  expect(read()).toEqual([undefined, undefined]);
  await begin();
  expect(read()).toEqual([['UBEN'], ['UANA']]);
  expect(groups.members('SOTHER')).toBeUndefined();
  expect(asked()).toEqual(['SEDITORS', 'SLAWYERS']);
});

it('reads them again each minute, and not when they are asked for', async () => {
  const { hand, read, asked, begin, ring } = await start(['SEDITORS']);
  await begin();
  expect(hand.waiting()).toEqual([60_000]);
  for (let n = 0; n < 100; n += 1) read();
  expect(asked()).toHaveLength(1);
  await ring();
  expect(asked()).toHaveLength(2);
});

it.each([
  // What Slack refuses it refuses again.
  ['is refused', { error: 'plan_upgrade_required' }, 60_000],
  ['fails inside Slack', { error: 'internal_error' }, 5_000],
  ['does not answer in time', { noAnswer: true as const }, 5_000],
  ['breaks off', { reset: true as const }, 5_000],
])(
  'allows nobody in a group whose reading %s, until it is read again; other groups stay',
  async (_, failure, again) => {
    const timeout = 'noAnswer' in failure ? UNANSWERED_AFTER : undefined;
    const { workspace, hand, lines, read, begin, ring } = await start(['SEDITORS', 'SLAWYERS'], timeout);
    await begin();
    workspace.failures.plan({ on: 'usergroups.users.list', failure });
    await ring();
    expect(read()).toEqual([undefined, ['UANA']]);
    expect(lines.map(({ level }) => level)).toEqual(['error']);
    expect(hand.waiting()).toEqual([again]);
    // A busy machine may be too late again.
    await until(async () => {
      await ring();
      expect(read()).toEqual([['UBEN'], ['UANA']]);
    });
  },
);

it('keeps what was read in the last five minutes while Slack limits the reading, and asks nothing', async () => {
  const { workspace, groups, hand, read, asked, time, begin, ring } = await start(['SEDITORS', 'SLAWYERS']);
  await begin();
  time.now += 60_000;
  const failure = { rateLimited: { retryAfter: 600 } };
  workspace.failures.plan({ on: 'usergroups.users.list', times: Number.POSITIVE_INFINITY, failure });
  await ring();
  // The round ends at the first limit, and the next reading waits, whoever is missing.
  for (const later of [0, 20_000]) {
    time.now += later;
    if (later > 0) groups.refreshForNewMember();
    expect([hand.waiting(), asked().length]).toEqual([[600_000], 3]);
  }
  time.now += 5 * 60_000 - 80_000 - 1;
  expect(read()).toEqual([['UBEN'], ['UANA']]);
  time.now += 1;
  expect(read()).toEqual([undefined, undefined]);
});

it('reads a group first that a limit left out', async () => {
  const { workspace, asked, time, begin, ring } = await start(['SEDITORS', 'SLAWYERS']);
  const when = (body: unknown) => `${JSON.stringify(body)}${body}`.includes('SLAWYERS');
  const failure = { rateLimited: { retryAfter: 30 } };
  workspace.failures.plan({ on: 'usergroups.users.list', failure, when });
  await begin();
  time.now += 30_000;
  await ring();
  expect(asked()).toEqual(['SEDITORS', 'SLAWYERS', 'SLAWYERS', 'SEDITORS']);
});

it('asks nothing without groups, and nothing more after the end', async () => {
  const none = await start(['UANA', 'WBEN']);
  none.groups.start();
  expect([none.hand.waiting(), none.asked()]).toEqual([[], []]);
  const some = await start(['SEDITORS']);
  await some.begin();
  some.groups.close();
  expect(some.hand.waiting()).toEqual([]);
});
