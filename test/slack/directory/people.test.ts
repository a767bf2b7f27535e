import type { WebClient } from '@slack/web-api';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Failure } from '../../../src/sandbox/failures.ts';
import { checkChannels } from '../../../src/slack/directory/channels.ts';
import { SlackPeople } from '../../../src/slack/directory/people.ts';
import { UserGroups } from '../../../src/slack/directory/user-groups.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { until } from '../../support/until.ts';
import { collectingLog, startStage } from '../stage.ts';

const HOUR = 60 * 60_000;
const OURS = 'T0SANDBOX';
type UserOf = (id: string) => object | undefined;

/** A directory that reads from this client, or from a Slack that has users of our team with these properties. */
function createPeople({
  client,
  usersInfo = () => ({}),
  group = [],
  approvers = [],
  channels = [],
  teamId = OURS,
  teamOf = () => teamId,
  now = () => 0,
}: {
  client?: WebClient;
  usersInfo?: UserOf;
  /** The members of each group; empty: groups are read from Slack. */
  group?: string[];
  approvers?: string[];
  channels?: string[];
  teamId?: string | undefined;
  teamOf?: () => string | undefined;
  now?: () => number;
}) {
  const { log, lines } = collectingLog();
  const clock = { ...createFakeClock(), now };
  /** Of which people Slack was asked. */
  const asked: string[] = [];
  const info = async ({ user: id }: { user: string }) => {
    asked.push(id);
    const more = usersInfo(id);
    return { ok: true, user: more && { id, team_id: OURS, ...more } };
  };
  const slack = { client: client ?? ({ users: { info } } as unknown as WebClient), clock, log };
  const groups = new UserGroups(slack, approvers);
  onTestFinished(groups.close);
  if (group.length > 0) Object.assign(groups, { members: () => new Set(group) });
  const people = new SlackPeople(slack, {
    groups,
    channels,
    team: () => {
      const id = teamOf();
      return id ? { teamId: id } : undefined;
    },
  });
  onTestFinished(people.close);
  return { people, groups, lines, asked };
}

/** The same on a Slack workspace. */
async function start(more: Parameters<typeof createPeople>[0] = {}) {
  const { workspace, client } = await startStage();
  const time = { now: 1 };
  const directory = createPeople({ client, approvers: ['SEDITORS'], now: () => time.now, ...more });
  const asked = (method: string) => workspace.calls.filter((call) => call.method === method).length;
  return { ...directory, workspace, client, time, asked };
}

describe('a person', () => {
  it('is looked up once, and known for an hour', async () => {
    const { people, asked, time } = await start();
    expect(people.outsider('UANA')).toBeUndefined();
    await people.learn(['UANA'], []);
    await until(() => expect(people.outsider('UANA')).toBe(false));
    await people.learn(['UANA'], []);
    expect(asked('users.info')).toBe(1);
    time.now += HOUR;
    expect(people.outsider('UANA')).toBeUndefined();
  });

  it.each<[string, UserOf]>([
    ['has no user', () => undefined],
    ['names nobody', () => ({ id: undefined })],
  ])('stays unknown when the answer of Slack %s', async (_, usersInfo) => {
    const { lines, people } = createPeople({ usersInfo });
    await people.learn(['UANA'], []);
    expect([people.outsider('UANA'), people.isGone('UANA')]).toEqual([undefined, undefined]);
    expect(lines.map(({ fact }) => fact)).toEqual(['person lookup failed: the answer has no user']);
  });

  it.each([
    ['deactivated', { deleted: true }, { isGone: true, outsider: false }],
    ['a bot', { is_bot: true }, { isGone: true, outsider: false }],
    ['a stranger', { is_stranger: true }, { isGone: false, outsider: true }],
    ['a guest', { is_restricted: true }, { isGone: false, outsider: true }],
    ['a guest of one channel', { is_ultra_restricted: true }, { isGone: false, outsider: true }],
    ['of another team', { team_id: 'T0THEIRS' }, { isGone: false, outsider: true }],
    ['a member', {}, { isGone: false, outsider: false }],
  ])('who is %s is gone, or an outsider: %j', async (_, user, expected) => {
    const { people } = createPeople({ usersInfo: () => user });
    await people.learn(['UANA'], []);
    expect({ isGone: people.isGone('UANA'), outsider: people.outsider('UANA') }).toEqual(expected);
  });

  it.each([
    ['the name that they chose', { display_name: 'ana', real_name: 'Ana Souza' }, 'ana'],
    ['their full name', { display_name: ' \u00a0', real_name: 'Ana Souza' }, 'Ana Souza'],
    ['the name of their account', { display_name: '', real_name: ' ' }, 'asouza'],
  ])('has %s, which is never blank', async (_, profile, expected) => {
    const { people } = createPeople({ usersInfo: () => ({ name: 'asouza', profile }) });
    await people.learn(['UANA'], []);
    expect(people.nameOf('UANA')).toBe(expected);
  });

  /** A directory that knows Ana from an hour ago; what Slack says of her now. */
  async function startWithReading(failure: Failure, age = HOUR) {
    const world = await start();
    const { people, workspace, time } = world;
    await people.learn(['UANA'], []);
    time.now += age;
    workspace.failures.plan({ on: 'users.info', failure, times: Number.POSITIVE_INFINITY });
    await people.learn(['UANA'], []);
    const known = () => ({ isGone: people.isGone('UANA'), outsider: people.outsider('UANA') });
    return { ...world, known };
  }
  const MEMBER = { isGone: false, outsider: false };
  const NOT_KNOWN = { isGone: undefined, outsider: undefined };

  it.each<[string, Failure]>([
    ['rate limits the bot', { rateLimited: { retryAfter: 30 } }],
    ['answers with a server error', { status: 503 }],
    ['breaks off', { reset: true }],
    ['has a fault of its own', { error: 'internal_error' }],
    ['does not answer in time', { noAnswer: true }],
  ])('is known by the last reading for a day while Slack %s', async (_, failure) => {
    const { people, time, known, asked } = await startWithReading(failure);
    expect(known()).toEqual(MEMBER);
    const before = asked('users.info');
    time.now += 10_000;
    expect(known(), 'only for the click that asked').toEqual(NOT_KNOWN);
    await people.learn(['UANA'], []);
    if (!('noAnswer' in failure)) expect(asked('users.info')).toBe(before + 1);
    expect(known()).toEqual(MEMBER);
    time.now += 23 * HOUR;
    await people.learn(['UANA'], []);
    expect(known()).toEqual(NOT_KNOWN);
  });

  it.each<[string, Failure, object]>([
    ['there is nobody', { error: 'user_not_found' }, { isGone: true, outsider: true }],
    ['they belong elsewhere', { error: 'user_not_visible' }, { isGone: false, outsider: true }],
    ['the bot may not ask', { error: 'missing_scope' }, NOT_KNOWN],
  ])('is no longer known by an earlier reading once Slack says that %s', async (_, failure, expected) => {
    const { people, workspace, time, known } = await startWithReading(failure);
    expect(known()).toEqual(expected);
    workspace.failures.clear();
    workspace.failures.plan({ on: 'users.info', failure: { status: 500 }, times: Number.POSITIVE_INFINITY });
    time.now += HOUR;
    await people.learn(['UANA'], []);
    expect(known(), 'a lost answer does not bring it back').toEqual(expected);
  });

  it('is read again at the next click after a reading without an answer', async () => {
    const { people, workspace, time, known } = await startWithReading({ status: 500 });
    workspace.failures.clear();
    workspace.failures.plan({ on: 'users.info', failure: { error: 'user_not_found' } });
    time.now += 3_000;
    await people.learn(['UANA'], []);
    expect(known()).toEqual({ isGone: true, outsider: true });
  });

  it('without an account under an email address is nobody; if Slack does not answer, they are unknown', async () => {
    const { workspace, people } = await start();
    await people.learn(['UANA'], ['nobody@example.com']);
    await until(() => expect(people.idOf('nobody@example.com')).toBeNull());
    workspace.failures.plan({ on: 'users.lookupByEmail', failure: { status: 500 } });
    await people.learn(['UANA'], ['ana@example.com']);
    expect(people.idOf('ana@example.com')).toBeUndefined();
  });

  it('cannot be told from an external user until our team is known, and is then read again', async () => {
    const world: { team?: string; now: number } = { now: 1 };
    const { people, asked } = createPeople({ teamOf: () => world.team, now: () => world.now });
    const known = () => ({ isGone: people.isGone('UANA'), outsider: people.outsider('UANA') });
    await people.learn(['UANA'], []);
    expect(known()).toEqual({ isGone: false, outsider: undefined });
    Object.assign(world, { team: OURS, now: 3_000 });
    await people.learn(['UANA'], []);
    expect([asked.length, known()]).toEqual([2, { isGone: false, outsider: false }]);
  });

  it('is looked up with others at once, each once, fifty at most', async () => {
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
    const { people } = createPeople({ client, teamId: '' });
    const many = Array.from({ length: 60 }, (_, n) => `one${n}@example.com`);
    const learning = [people.learn([], [...many, ...many]), people.learn([], many.slice(0, 1))];
    expect(asked).toEqual(many.slice(0, 50));
    answer();
    await Promise.all(learning);
    expect([people.idOf('one49@example.com'), people.idOf('one50@example.com')]).toEqual(['UANA', undefined]);
  });
});

it('reads a group again in which someone was not found, in the background, at most once in ten seconds', async () => {
  const { workspace, groups, asked, time } = await start();
  groups.start();
  await until(() => expect(groups.members('SEDITORS')).toBeDefined());
  groups.refreshForNewMember();
  expect(asked('usergroups.users.list')).toBe(1);
  time.now += 10_000;
  for (const _ of [1, 2]) groups.refreshForNewMember();
  await workspace.changed(() => asked('usergroups.users.list') === 2, { what: 'the second reading' });
  expect(asked('usergroups.users.list')).toBe(2);
});

it('reads the members of a channel that decides at the start, those of another channel on demand', async () => {
  const { people, workspace } = await start({ channels: ['#approvals'] });
  people.start();
  await until(() => expect(people.inChannel('UBEN', 'CAPPROVALS')).toBe(true));
  expect(people.inChannel('UZOE', '#approvals')).toBe(false);
  expect(people.inChannel('UANA', 'COLD')).toBeUndefined();
  await people.learnMembers(['COLD', 'CAPPROVALS']);
  expect([people.inChannel('UANA', 'COLD'), people.inChannel('UBEN', 'COLD')]).toEqual([true, false]);
  const read = workspace.calls.filter(({ method }) => method === 'conversations.members');
  expect(read.map(({ args }) => args.channel)).toEqual(['CAPPROVALS', 'COLD']);
});

describe('of the people to notify', () => {
  const noon = Date.UTC(2026, 2, 3, 12);
  const inZone = (count: number, zone: string, name: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`${name}${n}`, zone]));
  async function findAwake(zones: Record<string, string>, ids = ['SEDITORS'], now = noon) {
    const usersInfo: UserOf = (id) => ({ tz: zones[id] ?? 'Etc/UTC' });
    const { people, asked } = createPeople({ usersInfo, group: Object.keys(zones), now: () => now });
    return { ...(await people.findAwake(ids, now)), asked };
  }

  it('only those are notified for whom it is day, ten at most, never a whole group', async () => {
    const group = { ...inZone(8, 'Asia/Tokyo', 'USLEEP'), ...inZone(20, 'Etc/UTC', 'UDAY') };
    expect((await findAwake(group)).ids).toEqual(Array.from({ length: 10 }, (_, n) => `UDAY${n}`));
    const named = await findAwake(group, ['USLEEP1', 'UDAY1', 'UDAY2']);
    expect(named.ids).toEqual(['UDAY1', 'UDAY2']);
  });

  it('none is notified while it is night for all; the first morning is known', async () => {
    const zones = { UTOKYO: 'Asia/Tokyo', UDELHI: 'Asia/Kolkata' };
    const eightInTokyo = Date.UTC(2026, 2, 3, 23);
    const { ids, dawn } = await findAwake(zones, ['SEDITORS'], noon + 4 * HOUR);
    expect([ids, dawn]).toEqual([[], eightInTokyo]);
  });

  it('fifty are looked up at most', async () => {
    const { asked, ids } = await findAwake(inZone(80, 'Etc/UTC', 'UDAY'));
    expect([asked.length, ids.length]).toEqual([50, 10]);
  });
});

describe('the configured channels', () => {
  it('are named in the log where Slack does not show them to the bot', async () => {
    const { client } = await startStage();
    const { log, lines } = collectingLog();
    await checkChannels({ client, log }, ['CAPPROVALS', '#approvals', 'CNOWHERE', '#nowhere', 'UANA']);
    expect(lines.map(({ level, fields }) => ({ level, ...fields }))).toEqual([
      { level: 'error', channel: 'CNOWHERE', reason: 'channel_not_found' },
      { level: 'error', channel: '#nowhere', reason: 'channel_not_found' },
    ]);
  });

  it('are logged as not checked when Slack is out of reach', async () => {
    const { workspace, client } = await startStage();
    const { log, lines } = collectingLog();
    workspace.failures.plan({ on: 'conversations.info', failure: { status: 500 } });
    await checkChannels({ client, log }, ['CAPPROVALS']);
    expect(lines.map(({ fact }) => fact)).toEqual(['configured channels not checked']);
  });
});
