import type { WebClient } from '@slack/web-api';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SlackPeople } from '../../../src/slack/directory/people.ts';
import { UserGroups } from '../../../src/slack/directory/user-groups.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { until } from '../../support/until.ts';
import { collectingLog, startStage } from '../stage.ts';

async function start() {
  const { workspace, client } = await startStage();
  const { log, lines } = collectingLog();
  let now = 0;
  const clock = { now: () => now, after: () => () => {} };
  const groups = new UserGroups({ client, clock, log }, ['SEDITORS']);
  onTestFinished(groups.close);
  const people = new SlackPeople({ client, clock, log }, { groups, team: () => ({ teamId: 'T0SANDBOX' }) });
  const asked = (method: string) => workspace.calls.filter((call) => call.method === method).length;
  return { workspace, groups, people, lines, asked, later: (ms: number) => (now += ms) };
}

it('what is not known of a person is asked for once, and known for an hour', async () => {
  const { people, asked, later } = await start();
  expect(people.outsider('UANA')).toBeUndefined();
  await people.learn(['UANA'], []);
  await people.learn(['UANA'], []);
  expect(people.outsider('UANA')).toBe(false);
  expect(asked('users.info')).toBe(1);
  later(60 * 60_000);
  expect(people.outsider('UANA')).toBeUndefined();
});

it.each<[string, object | undefined]>([
  ['has no user', undefined],
  ['names nobody', {}],
])('a person stays unknown when the answer of Slack %s', async (_, user) => {
  const { lines, people } = await startWithUser(user);
  await people.learn(['UANA'], []);
  expect([people.outsider('UANA'), people.isGone('UANA')]).toEqual([undefined, undefined]);
  expect(lines.map(({ fact }) => fact)).toEqual(['person lookup failed: the answer has no user']);
});

it.each([
  ['deactivated', { deleted: true }],
  ['a bot', { is_bot: true }],
])('a person who is %s is gone', async (_, what) => {
  const { people } = await startWithUser({ id: 'UANA', team_id: 'T0SANDBOX', ...what });
  await people.learn(['UANA'], []);
  expect(people.isGone('UANA')).toBe(true);
});

/** A directory whose Slack answers users.info with this user. */
async function startWithUser(user: object | undefined) {
  const { log, lines } = collectingLog();
  const clock = createFakeClock();
  const client = { users: { info: async () => ({ ok: true, user }) } } as unknown as WebClient;
  const groups = new UserGroups({ client, clock, log }, []);
  const people = new SlackPeople({ client, clock, log }, { groups, team: () => ({ teamId: 'T0SANDBOX' }) });
  return { people, lines };
}

it('whoever has no account under an email address is nobody; a Slack that does not answer leaves it unknown', async () => {
  const { workspace, people } = await start();
  await people.learn(['UANA'], ['nobody@example.com']);
  expect(people.idOf('nobody@example.com')).toBeNull();
  workspace.failures.plan({ on: 'users.lookupByEmail', failure: { status: 500 } });
  await people.learn(['UANA'], ['ana@example.com']);
  expect(people.idOf('ana@example.com')).toBeUndefined();
});

it('a group in which someone was not found is read again in the background, at most once in ten seconds', async () => {
  const { workspace, groups, asked, later } = await start();
  groups.start();
  await until(() => expect(groups.members('SEDITORS')).toBeDefined());
  groups.refreshForNewMember();
  expect(asked('usergroups.users.list')).toBe(1);
  later(10_000);
  groups.refreshForNewMember();
  groups.refreshForNewMember();
  await workspace.changed(() => asked('usergroups.users.list') === 2, { what: 'the second reading' });
  expect(asked('usergroups.users.list')).toBe(2);
});

it('whoever is of another team is an outsider, although Slack does not call them a stranger', async () => {
  const { workspace, client } = await startStage();
  const { log } = collectingLog();
  const clock = { now: () => 0, after: () => () => {} };
  const groups = new UserGroups({ client, clock, log }, []);
  const team = (teamId: string) =>
    new SlackPeople({ client, clock, log }, { groups, team: () => ({ teamId }) });
  const [ours, theirs] = [team('T0SANDBOX'), team('T0THEIRS')];
  await ours.learn(['UANA'], []);
  await theirs.learn(['UANA'], []);
  expect([ours.outsider('UANA'), theirs.outsider('UANA')]).toEqual([false, true]);
  expect(workspace.calls).toHaveLength(2);
});

it('the members of a channel that decides are read at the start, those of another channel on demand', async () => {
  const { workspace, client } = await startStage();
  const { log } = collectingLog();
  const clock = createFakeClock();
  const groups = new UserGroups({ client, clock, log }, []);
  const team = () => ({ teamId: 'T0SANDBOX' });
  const people = new SlackPeople({ client, clock, log }, { groups, channels: ['#approvals'], team });
  people.start();
  onTestFinished(people.close);
  await until(() => expect(people.inChannel('UBEN', 'CAPPROVALS')).toBe(true));
  expect(people.inChannel('UZOE', '#approvals')).toBe(false);
  expect(people.inChannel('UANA', 'COLD')).toBeUndefined();
  await people.learnMembers(['COLD', 'CAPPROVALS']);
  expect([people.inChannel('UANA', 'COLD'), people.inChannel('UBEN', 'COLD')]).toEqual([true, false]);
  const read = workspace.calls.filter(({ method }) => method === 'conversations.members');
  expect(read.map(({ args }) => args.channel)).toEqual(['CAPPROVALS', 'COLD']);
});

it('the members of a channel that Slack does not show to the bot stay unknown', async () => {
  const { people, lines } = await start();
  await people.learnMembers(['CSECRET']);
  expect(people.inChannel('UANA', 'CSECRET')).toBeUndefined();
  expect(lines).toMatchObject([{ level: 'error', fields: { channel: 'CSECRET' } }]);
});

it('each method works when it is taken out of the directory', async () => {
  const { people } = await start();
  await people.learn(['UANA'], []);
  const { members, idOf, outsider, isGone, inChannel, channelSize, noteNotMember } = people;
  const { learn, learnMembers, findAwake } = people;
  await Promise.all([learn([], []), learnMembers(['CAPPROVALS'])]);
  noteNotMember();
  expect([members('SEDITORS'), idOf('x'), outsider('UANA'), isGone('UANA')]).toEqual([
    undefined,
    undefined,
    false,
    false,
  ]);
  expect([inChannel('UANA', 'CAPPROVALS'), channelSize('CAPPROVALS')]).toEqual([true, 3]);
  expect(await findAwake([], 0)).toEqual({ ids: [] });
});

describe('of those who are to be called', () => {
  const noon = Date.UTC(2026, 2, 3, 12);

  async function called(zones: Record<string, string>, ids: string[], now = noon) {
    const { log } = collectingLog();
    const clock = { now: () => now, after: () => () => {} };
    const asked: string[] = [];
    const info = async ({ user }: { user: string }) => {
      asked.push(user);
      return { ok: true, user: { id: user, team_id: 'T0SANDBOX', tz: zones[user] ?? 'Etc/UTC' } };
    };
    const client = { users: { info } } as unknown as WebClient;
    const groups = {
      members: () => new Set(Object.keys(zones)),
      refreshForNewMember() {},
    } as unknown as UserGroups;
    const people = new SlackPeople({ client, clock, log }, { groups, team: () => ({ teamId: 'T0SANDBOX' }) });
    return { ...(await people.findAwake(ids, now)), asked };
  }
  const zones = (count: number, zone: string, name: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`${name}${n}`, zone]));

  it('only those are for whom it is day, ten at most, never a whole group', async () => {
    const group = { ...zones(8, 'Asia/Tokyo', 'USLEEP'), ...zones(20, 'Etc/UTC', 'UDAY') };
    const { ids } = await called(group, ['SEDITORS']);
    expect(ids).toEqual(Array.from({ length: 10 }, (_, n) => `UDAY${n}`));
    expect((await called(group, ['USLEEP1', 'UDAY1', 'UDAY2'])).ids).toEqual(['UDAY1', 'UDAY2']);
  });

  it('none is while it is night for all; the first morning is told', async () => {
    const { ids, dawn } = await called(
      { UTOKYO: 'Asia/Tokyo', UDELHI: 'Asia/Kolkata' },
      ['SEDITORS'],
      noon + 4 * 3_600_000,
    );
    expect(ids).toEqual([]);
    // Eight o'clock in Tokyo.
    expect(dawn).toBe(Date.UTC(2026, 2, 3, 23));
  });

  it('fifty are looked up at most', async () => {
    const { asked, ids } = await called(zones(80, 'Etc/UTC', 'UDAY'), ['SEDITORS']);
    expect(asked).toHaveLength(50);
    expect(ids).toHaveLength(10);
  });
});

it('whoever Slack calls a stranger or a guest is an outsider, of our team or not', async () => {
  const { log } = collectingLog();
  const clock = { now: () => 0, after: () => () => {} };
  const marks: Record<string, object> = {
    USTRANGER: { is_stranger: true },
    UGUEST: { is_restricted: true },
    UONE: { is_ultra_restricted: true },
    UANA: {},
  };
  const info = async ({ user }: { user: string }) => ({
    user: { id: user, team_id: 'T0SANDBOX', ...marks[user] },
  });
  const client = { users: { info } } as unknown as WebClient;
  const groups = { members: () => undefined, refreshForNewMember() {} } as unknown as UserGroups;
  const people = new SlackPeople({ client, clock, log }, { groups, team: () => ({ teamId: 'T0SANDBOX' }) });
  await people.learn(Object.keys(marks), []);
  expect(Object.keys(marks).map(people.outsider)).toEqual([true, true, true, false]);
});

it('many are asked about at once and each once, fifty at most', async () => {
  const { log } = collectingLog();
  const clock = { now: () => 0, after: () => () => {} };
  const asked: string[] = [];
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const lookupByEmail = async ({ email }: { email: string }) => {
    asked.push(email);
    await answered;
    return { user: { id: 'UANA' } };
  };
  const client = { users: { lookupByEmail } } as unknown as WebClient;
  const groups = { members: () => undefined, refreshForNewMember() {} } as unknown as UserGroups;
  const people = new SlackPeople({ client, clock, log }, { groups, team: () => undefined });
  const many = Array.from({ length: 60 }, (_, n) => `one${n}@example.com`);
  const learning = [people.learn([], [...many, ...many]), people.learn([], many.slice(0, 1))];
  expect(asked).toEqual(many.slice(0, 50));
  answer();
  await Promise.all(learning);
  expect([people.idOf('one49@example.com'), people.idOf('one50@example.com')]).toEqual(['UANA', undefined]);
});
