import { describe, expect, test } from 'vitest';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import type { RunMeta } from '../../../src/approval/model/run/webhook.ts';
import type { RequestResult, Target } from '../../../src/approval/read-round.ts';
import { createWorld } from '../worker/worker-world.ts';

const HOUR = 60 * 60_000;
/** A message of the bot in the approval's channel: its answer was lost, and the card is adopted by the click. */
const CARD = { channel: 'CAPPROVALS', ts: '1700000000.000001', own: true };

/** A crew without approvers. Ana and Cat are in its channel, Ben is in another one. */
function createOpenWorld({ rules = {}, known = true }: { rules?: Partial<Crew>; known?: boolean } = {}) {
  const channels: Record<string, string[]> = { CAPPROVALS: ['UANA', 'UCAT'], CPRESS: ['UBEN'] };
  /** `answers`: it says who is in a channel once it is asked. */
  const slack = { known, answers: false, channels, asked: [] as string[][] };
  const world = createWorld({
    rules,
    people: {
      inChannel: (person, channel) => (slack.known ? channels[channel]?.includes(person) : undefined),
      async learnMembers(wanted) {
        slack.asked.push([...wanted]);
        slack.known ||= slack.answers;
      },
    },
  });
  return { ...world, slack };
}

const said = (answer: RequestResult) => (answer.done ? 'done' : answer.refusal.code);

/** An approval of that crew, and what a person hears who acts on it from here. */
async function openApproval(
  via: Exclude<Target['via'], undefined>,
  { meta = {}, ...options }: Parameters<typeof createOpenWorld>[0] & { meta?: Partial<RunMeta> } = {},
) {
  const world = createOpenWorld(options);
  const target: Target = { approvalId: await world.output('A release', { meta }), round: 1, via };
  const here = (more: Partial<Target>) => ({ ...target, ...more });
  const { service } = world;
  return {
    ...world,
    target,
    check: async (by: string, more: Partial<Target> = {}) => said(await service.check(here(more), by)),
    reads: async (by: string, more: Partial<Target> = {}) => (await service.read(here(more), by)).done,
    approves: async (by: string, more: Partial<Target> = {}) =>
      said(await service.decide(here(more), by, { action: 'approve' })),
    revises: async (by: string, more: Partial<Target> = {}) =>
      said(await service.decide(here(more), by, { action: 'request_revision', feedback: 'Shorter' })),
  };
}

describe('where no approvers are named', () => {
  test.each(['list', 'home', 'modal'] as const)(
    'only members of the channel act on it in a %s',
    async (via) => {
      const { service, target, slack, round, check, approves, revises } = await openApproval(via);
      const everything = (by: string) =>
        Promise.all([
          check(by),
          approves(by),
          revises(by),
          service.claim(target, by).then(said),
          service.assign(target, by, 'UANA').then(said),
          service.giveUp(target, by).then(said),
        ]);
      expect(await everything('UBEN')).toEqual(Array(6).fill('not_member'));
      slack.known = false;
      expect(await everything('UANA')).toEqual(Array(6).fill('open_card'));
      expect(await round(target.approvalId)).toMatchObject({ status: 'waiting', votes: [] });
      slack.known = true;
      expect(await approves('UANA')).toBe('done');
      expect(await round(target.approvalId)).toMatchObject({ status: 'sending', decision: { by: 'UANA' } });
    },
  );

  test('a click on the card decides, also while Slack does not say who is in the channel', async () => {
    const { check, approves, slack } = await openApproval('card', { known: false });
    expect(await check('UZOE', { card: CARD })).toBe('done');
    expect(await approves('UZOE', { card: CARD })).toBe('done');
    expect(slack.asked, 'nobody waits for the member list').toEqual([]);
  });

  test('a modal opened on the card decides for an hour, then the member list does', async () => {
    const { clock, slack, check, revises } = await openApproval('modal', { known: false });
    const opened = { openedOn: { by: 'UANA', at: clock.now(), ...CARD } };
    await clock.advance(HOUR - 1);
    expect(await check('UANA', opened)).toBe('done');
    await clock.advance(1);
    expect(await revises('UANA', opened)).toBe('open_card');
    slack.known = true;
    expect(await revises('UBEN', opened)).toBe('not_member');
    expect(await revises('UANA', opened)).toBe('done');
  });

  test('a click on another message counts as one in a list, and that message does not become a card', async () => {
    const { service, target, approval, slack, ...run } = await openApproval('card', { known: false });
    const elsewhere = { channel: 'CPRESS', ts: '1.1', own: true };
    const direct = { channel: 'DZOE', ts: '1.2', own: true };
    const others = [elsewhere, direct, { channel: 'CAPPROVALS', ts: '1.3' }];
    for (const card of others) {
      expect(await run.check('UBEN', { card }), card.channel).toBe('open_card');
      expect(await run.approves('UBEN', { card }), card.channel).toBe('open_card');
      expect(await run.reads('UBEN', { card }), card.channel).toBe(false);
      await service.adopt({ ...target, card }, 'UBEN');
    }
    slack.known = true;
    expect(await run.approves('UBEN', { card: elsewhere })).toBe('not_member');
    expect(await run.approves('UANA', { card: elsewhere }), 'a member').toBe('done');
    const { rounds, facts } = await approval(target.approvalId);
    expect(rounds.flatMap(({ card, duplicateCards }) => [card, ...duplicateCards])).toEqual([undefined]);
    expect(facts.find(({ what }) => what === 'decided')).toMatchObject({ origin: 'list' });
  });

  test('a modal proves access only to the person who opened it on the card, after that time', async () => {
    const { clock, check } = await openApproval('modal', { known: false });
    const openedOn = { by: 'UANA', at: clock.now(), ...CARD };
    expect(await check('UANA', { openedOn })).toBe('done');
    expect(await check('UBEN', { openedOn })).toBe('open_card');
    expect(await check('UANA', { openedOn: { ...openedOn, at: clock.now() + 1 } })).toBe('open_card');
    expect(await check('UANA', { openedOn: { ...openedOn, channel: 'CPRESS' } })).toBe('open_card');
  });

  test('Slack lists the members once when they are unknown, and a late answer counts', async () => {
    const { slack, approves } = await openApproval('home', { known: false });
    slack.answers = true;
    expect(await approves('UANA')).toBe('done');
    expect(slack.asked).toEqual([['CAPPROVALS']]);
  });

  test('a run that names approvers requires its list and the channel', async () => {
    const { check, approves } = await openApproval('home', { meta: { approvers: ['UCAT', 'UBEN'] } });
    expect(await approves('UANA'), 'in the channel, not named').toBe('not_approver');
    expect(await approves('UBEN'), 'named, not in the channel').toBe('not_member');
    expect(await check('UANA', { via: 'card', card: CARD }), 'on the card, not named').toBe('not_approver');
    expect(await approves('UCAT'), 'both').toBe('done');
  });

  test('the members of the channel of the card decide, not of another channel of the crew', async () => {
    const rules = { channels: ['CAPPROVALS', 'CPRESS'] };
    const { target, approval, check } = await openApproval('list', { rules, meta: { channel: 'CPRESS' } });
    expect((await approval(target.approvalId)).channel).toBe('CPRESS');
    expect(await check('UANA')).toBe('not_member');
    expect(await check('UBEN')).toBe('done');
  });

  test('a vote still counts after its voter left the channel', async () => {
    const policy = { ...DEFAULT_POLICY, approvalsRequired: 2 };
    const { target, round, slack, approves } = await openApproval('home', { rules: { policy } });
    await approves('UANA');
    slack.channels.CAPPROVALS = ['UCAT'];
    expect(await approves('UCAT')).toBe('done');
    expect(await round(target.approvalId)).toMatchObject({ status: 'sending' });
  });
});

describe('an output', () => {
  test.each<[string, Partial<Crew>]>([
    ['no approvers are named', {}],
    ['approvers are named', { approvers: ['UBEN'] }],
  ])('where %s is read by members of the channel and by people who may decide', async (_, rules) => {
    const { reads } = await openApproval('home', { rules });
    const mayDecide = rules.approvers?.includes('UBEN') ?? false;
    expect([await reads('UANA'), await reads('UBEN'), await reads('UZOE')]).toEqual([true, mayDecide, false]);
    expect(await reads('UZOE', { via: 'card', card: CARD }), 'who sees the card').toBe(true);
  });

  test('in a direct message is read by its recipient and by people who may decide, without a member list', async () => {
    const tasks = [{ match: 'draft', channel: 'UCAT', policy: {} }];
    const rules = { approvers: ['UCAT', 'UBEN'], tasks };
    const { target, approval, slack, reads } = await openApproval('home', { rules });
    expect((await approval(target.approvalId)).channel).toBe('UCAT');
    expect([await reads('UCAT'), await reads('UBEN'), await reads('UANA')]).toEqual([true, true, false]);
    expect(slack.asked.flat()).toEqual([]);
    const clicked = (channel: string) => ({ via: 'card' as const, card: { channel, ts: '1.1', own: true } });
    expect(await reads('UCAT', clicked('DCAT')), 'its own card').toBe(true);
    expect(await reads('UANA', clicked('DANA')), 'the card of another direct message').toBe(false);
  });

  test('is read page by page for an hour after a click on the card', async () => {
    const { service, target, clock } = await openApproval('modal', { known: false });
    const openedOn = { by: 'UANA', at: clock.now(), ...CARD };
    const page: Target = { approvalId: target.approvalId, round: 1, openedOn };
    expect((await service.read(page, 'UANA')).done).toBe(true);
    await clock.advance(HOUR);
    expect(said(await service.read(page, 'UANA'))).toBe('open_card');
  });
});

describe('the inbox where no approvers are named', () => {
  test('shows what waits in the channels that a person is in', async () => {
    const { output, inbox } = createOpenWorld({ rules: { channels: ['CAPPROVALS', 'CPRESS'] } });
    const one = await output('One', { executionId: 'e1' });
    const two = await output('Two', { executionId: 'e2', meta: { channel: 'CPRESS' } });
    const shown = async (person: string) => {
      const { waiting, others, unchecked } = await inbox(person);
      return { ids: waiting.map(({ approval: { id } }) => id), others, unchecked };
    };
    expect(await shown('UANA')).toEqual({ ids: [one], others: 1, unchecked: 0 });
    expect(await shown('UBEN')).toEqual({ ids: [two], others: 1, unchecked: 0 });
    expect(await shown('UZOE')).toEqual({ ids: [], others: 2, unchecked: 0 });
  });

  test('shows how many approvals are unchecked while Slack does not say who is in the channel', async () => {
    const { outputs, inbox, slack } = createOpenWorld({ known: false });
    await outputs(2);
    expect(await inbox('UANA')).toMatchObject({ waiting: [], others: 0, unchecked: 2 });
    expect(slack.asked).toContainEqual(['CAPPROVALS']);
  });
});
