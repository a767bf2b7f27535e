import { describe, expect, test } from 'vitest';
import type { RunPeople } from '../../../src/approval/access/can-decide.ts';
import {
  countDeciders,
  countOpenVotes,
  startCountingDeciders,
} from '../../../src/approval/access/count-deciders.ts';
import type { Alert } from '../../../src/approval/alerts.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import type { Round } from '../../../src/approval/model/round.ts';
import type { PeopleDirectory } from '../../../src/approval/ports.ts';
import { updateApproval } from '../../../src/approval/update.ts';
import { buildTestApp } from '../../support/app.ts';
import { anApproval, aRound } from '../builders.ts';
import { createWorld, nobodyKnown, crew as plainCrew } from '../worker/worker-world.ts';

const HOUR = 60 * 60_000;
const NOBODY_LEFT = { able: 0, required: 1 };
const byTwo = { ...DEFAULT_POLICY, approvalsRequired: 2 };

/** A card that waits, and what is known of people, who may leave. */
async function waiting(rules: Partial<Crew>) {
  const left = new Set<string>();
  const groups = new Map<string, Set<string>>([['SEDITORS', new Set(['UBEN'])]]);
  const known: PeopleDirectory = {
    ...nobodyKnown,
    members: (id) => groups.get(id),
    isGone: (id) => left.has(id),
  };
  const world = createWorld({ rules, people: known });
  const id = await world.output('A release');
  const alarms: Alert[] = [];
  const alert = (alert: Alert) => void alarms.push(alert);
  const log = { info() {}, warn() {}, error() {} };
  const close = startCountingDeciders(buildTestApp({ ...world.app, log, alert, wake() {} }));
  const few = async () => (await world.approval(id)).tooFew;
  return { world, id, left, groups, alarms, close, few };
}

test('warns on the card and alerts the operators within an hour after the only approver has left', async () => {
  const { world, left, alarms, few } = await waiting({ approvers: ['UANA'] });
  await world.clock.advance(HOUR);
  expect(await few()).toBeUndefined();
  left.add('UANA');
  await world.clock.advance(HOUR);
  expect(await few()).toEqual(NOBODY_LEFT);
  expect(alarms).toEqual([{ kind: 'too_few_deciders', crew: 'press', approvals: 1 }]);
  left.clear();
  await world.clock.advance(HOUR);
  expect(await few(), 'the approver is back').toBeUndefined();
});

test('warns for an emptied group, and keeps the warning while the group cannot be read', async () => {
  const { world, groups, few } = await waiting({ approvers: ['SEDITORS'] });
  groups.set('SEDITORS', new Set());
  await world.clock.advance(HOUR);
  expect(await few()).toEqual(NOBODY_LEFT);
  groups.delete('SEDITORS');
  await world.clock.advance(HOUR);
  expect(await few()).toEqual(NOBODY_LEFT);
});

test('counts votes that were given', async () => {
  const { world, id, left, few } = await waiting({ approvers: ['UANA', 'UBEN', 'UCAT'], policy: byTwo });
  await world.approve(id, 'UANA');
  left.add('UBEN');
  await world.clock.advance(HOUR);
  expect(await few()).toBeUndefined();
  left.add('UCAT');
  await world.clock.advance(HOUR);
  expect(await few()).toEqual({ able: 1, required: 2 });
});

test('counts nothing after it was closed', async () => {
  const { world, left, close, few } = await waiting({ approvers: ['UANA'] });
  close();
  left.add('UANA');
  await world.clock.advance(5 * HOUR);
  expect(await few()).toBeUndefined();
});

describe('whether enough people can decide', () => {
  /** Nobody has left; the channel has three members, the bot among them. */
  const usual = { ...nobodyKnown, isGone: () => false, channelSize: () => 3 };
  const isGone = () => true;
  const escalateTo = (...ids: string[]) => ({ ...DEFAULT_POLICY, escalateTo: ids });
  const excludeRequester = true;
  const legal = [{ match: 'legal', approvers: ['UBEN'], policy: {} }];
  interface Situation {
    people?: Partial<PeopleDirectory>;
    escalated?: boolean;
    unnamed?: true;
    requestedBy?: string;
    run?: RunPeople;
  }

  // biome-ignore format: a table
  test.each<[string, Partial<Crew>, Situation, ReturnType<typeof countDeciders>]>([
    ['people of the channel where no approvers are named, without the bot',
      { policy: { ...DEFAULT_POLICY, approvalsRequired: 3 } }, {}, { able: 2, required: 3 }],
    ['people of the channel without a requester who may not decide', { policy: byTwo, excludeRequester },
      { people: { inChannel: () => true }, requestedBy: 'UANA' }, { able: 1, required: 2 }],
    ['people of the channel where the requester is not in it', { policy: byTwo, excludeRequester },
      { people: { inChannel: () => false }, requestedBy: 'UANA' }, 'enough'],
    ['nothing while it is not known whether the requester is one of the few people of the channel',
      { policy: byTwo, excludeRequester }, { requestedBy: 'ana@example.com' }, undefined],
    ['nothing while it is not known whether the requester is in the channel',
      { policy: byTwo, excludeRequester }, { people: { inChannel: () => undefined }, requestedBy: 'UANA' }, undefined],
    ['enough people of the channel, whoever the requester is', { excludeRequester },
      { requestedBy: 'ana@example.com' }, 'enough'],
    ['a channel that is large enough', {}, {}, 'enough'],
    ['a channel whose size is not known', {}, { people: { channelSize: () => undefined } }, undefined],
    ['one approver of two', { approvers: ['UANA'], policy: byTwo }, {}, { able: 1, required: 2 }],
    ['a group that cannot be read', { approvers: ['UANA', 'SEDITORS'], policy: byTwo }, {}, undefined],
    ['members of a group that it was escalated to',
      { approvers: ['UANA'], policy: { ...byTwo, escalateTo: ['SBOSSES'] } },
      { people: { isGone: (id) => id === 'UANA', members: () => new Set(['U1', 'U2', 'U3']) }, escalated: true }, 'enough'],
    ['nobody who has left, also after an escalation to them',
      { approvers: ['UANA'], policy: escalateTo('UBEN') }, { people: { isGone }, escalated: true }, NOBODY_LEFT],
    ['no requester known by email who may not decide', { approvers: ['UANA'], excludeRequester },
      { people: { idOf: () => 'UANA' }, requestedBy: 'ana@example.com' }, NOBODY_LEFT],
    ['nothing while it is not known whether a requester is the last approver',
      { approvers: ['UANA'], excludeRequester }, { requestedBy: 'ana@example.com' }, undefined],
    ['enough approvers, whichever of them the requester is',
      { approvers: ['UANA', 'UBEN'], excludeRequester }, { requestedBy: 'ana@example.com' }, 'enough'],
    ['nobody for a pause without a name when nobody is an approver of every task',
      { approvers: ['SEDITORS'], tasks: legal },
      { people: { members: () => new Set(['UANA']) }, unnamed: true }, NOBODY_LEFT],
    ['nobody, and why, where the settings name no person for every task', { approvers: ['UANA'], tasks: legal },
      { unnamed: true }, { ...NOBODY_LEFT, why: 'unnamed' }],
    ['people to whom every task escalates a pause without a name that nobody could decide',
      { approvers: ['UANA'], tasks: legal, policy: escalateTo('UCAT') }, { unnamed: true, escalated: true }, 'enough'],
    ['nobody, and why, where such an escalation lets nobody in',
      { approvers: ['UANA'], tasks: [{ ...legal[0], policy: { escalateTo: ['UBEN'] } }], policy: escalateTo('UCAT') } as Partial<Crew>,
      { unnamed: true, escalated: true }, { ...NOBODY_LEFT, why: 'unnamed' }],
    ['no people outside the channel whose members decide, whom the run names', { policy: byTwo },
      { run: { approvers: ['UANA', 'UZOE'] }, people: { inChannel: (id) => id !== 'UZOE' } }, { able: 1, required: 2 }],
    ['no guests of a group who may not decide', { approvers: ['SEDITORS'], policy: byTwo, allowGuests: false },
      { people: { members: () => new Set(['UANA', 'UBEN']), outsider: (id) => id === 'UBEN' } },
      { able: 1, required: 2 }],
    ['nothing while Slack does not say whether an approver has left', { approvers: ['UANA'] },
      { people: { isGone: () => undefined } }, undefined],
  ])('counts %s', (_, rules, { people, escalated, unnamed, requestedBy, run: named }, count) => {
    const round = aRound({ ...(escalated ? { escalatedAt: 1 } : {}), ...(unnamed ? { unnamed } : {}) });
    const crew = { ...plainCrew, ...rules };
    const approval = anApproval([round], { policy: crew.policy });
    const run = { ...named, ...(requestedBy === undefined ? {} : { requestedBy }) };
    expect(countDeciders(crew, approval, run, { ...usual, ...people })).toEqual(count);
  });
});

type World = Awaited<ReturnType<typeof waiting>>['world'];

/** The waiting card becomes a review with options. */
async function makeReview({ store, round }: World, id: string) {
  const { review: _, ...asked } = await round(id);
  const review = { options: ['publish', 'discard'], callbackUrl: 'https://flows.crewai.com/callback' };
  await updateApproval(store, id, (current) => ({ ...current, rounds: [{ ...asked, review }] }));
}

async function choose({ service, round, clock }: World, id: string, by: string, option: number) {
  const { number } = await round(id);
  const target = { approvalId: id, round: number, via: 'card' } as const;
  await service.decide(target, by, { action: 'choose', option, feedback: '' });
  await clock.advance(10);
}

describe('a review of a Flow', () => {
  const review = { options: ['publish', 'discard'] };
  const emails: Record<string, string | null> = { 'ana@example.com': 'UANA', 'zoe@example.com': null };
  const idOf = (email: string) => emails[email];
  const known = { ...nobodyKnown, idOf, isGone: () => false, channelSize: () => 3 };
  const crewWith = (approvers: string[]) => ({ ...plainCrew, approvers });
  const vote = (by: string, option = 0) => ({ action: 'choose' as const, option, feedback: '', by, at: 0 });
  const made = (round: Partial<Round>, required = 1) =>
    anApproval([aRound({ review, ...round })], {
      policy: { ...DEFAULT_POLICY, approvalsRequired: required },
    });

  test.each<[string, string[], string[], unknown]>([
    ['an approver', ['UANA', 'UBEN'], ['ana@example.com'], 'enough'],
    ['someone who is not an approver', ['UBEN'], ['ana@example.com'], { able: 0, required: 1 }],
    ['nobody in Slack', ['UANA'], ['zoe@example.com'], { able: 0, required: 1 }],
    ['anyone where the channel decides', [], ['ana@example.com'], 'enough'],
    ['someone unknown so far', ['UANA'], ['ben@example.com'], undefined],
  ])('whose routing names %s is decided by them alone', (_, approvers, responders, count) => {
    const approval = made({ review: { ...review, responders } });
    expect(countDeciders(crewWith(approvers), approval, {}, known)).toEqual(count);
  });

  test('has too few approvers, whoever the addresses of its routing belong to', () => {
    const approval = made({ review: { ...review, responders: ['ben@example.com'] } }, 2);
    expect(countDeciders(crewWith(['UANA']), approval, {}, known)).toEqual({ able: 1, required: 2 });
    expect(countDeciders(crewWith(['UANA', 'UBEN']), approval, {}, known)).toBeUndefined();
    expect(countDeciders(crewWith(['SEDITORS']), approval, {}, known)).toBeUndefined();
  });

  test('is not decided when voters leave, and a later vote decides without theirs', async () => {
    const { world, id, groups } = await waiting({ approvers: ['SEDITORS'], policy: byTwo });
    groups.set('SEDITORS', new Set(['UANA', 'UBEN', 'UCAT', 'UDAN']));
    await makeReview(world, id);
    await choose(world, id, 'UANA', 0);
    await choose(world, id, 'UCAT', 1);
    groups.set('SEDITORS', new Set(['UANA', 'UBEN']));
    await world.clock.advance(3 * HOUR);
    expect((await world.round(id)).status).toBe('waiting');
    await choose(world, id, 'UBEN', 1);
    expect((await world.round(id)).status).toBe('waiting');
    await choose(world, id, 'UBEN', 0);
    expect((await world.round(id)).decision).toMatchObject({ action: 'choose', option: 0 });
  });

  test('counts people who have not voted', () => {
    const count = (approvers: string[], votes: string[], by: string) => {
      const approval = made({ votes: votes.map((by) => vote(by)) }, 2);
      return countOpenVotes(crewWith(approvers), { approval, run: {}, by }, known);
    };
    expect(count(['UANA', 'UBEN'], [], 'UANA')).toBe(1);
    expect(count(['UANA', 'UBEN'], ['UANA'], 'UBEN')).toBe(0);
    // Two people and the bot are in the channel.
    expect(count([], ['UANA'], 'UANA')).toBe(1);
    expect(count([], ['UANA'], 'UBEN')).toBe(0);
    expect(count(['SGROUP'], ['UANA'], 'UBEN')).toBeUndefined();
  });

  test('counts no requester of the channel among those who can still vote, where they may not decide', () => {
    const count = (requestedBy: string, inChannel = true) => {
      const crew = { ...crewWith([]), excludeRequester: true };
      const approval = made({ votes: [vote('UANA')] }, 2);
      const people = { ...known, channelSize: () => 4, inChannel: () => inChannel };
      return countOpenVotes(crew, { approval, run: { requestedBy }, by: 'UANA' }, people);
    };
    expect(count('UBEN')).toBe(1);
    expect(count('UANA')).toBe(2);
  });
});
