import { describe, expect, test } from 'vitest';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import type { PeopleDirectory } from '../../../src/approval/ports.ts';
import type { Answer, Target } from '../../../src/approval/read-round.ts';
import { createWorld } from '../worker/worker-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A message of the bot in the approval's channel: its answer was lost, and the card is adopted by the click. */
const CARD = { channel: 'CAPPROVALS', ts: '1700000000.000001', own: true };

/** A crew without approvers. Ana and Cat are in its channel, Ben is in another one. */
function createOpenWorld({
  rules = {},
  known = true,
  people = {},
}: {
  rules?: Partial<Crew>;
  known?: boolean;
  people?: Partial<PeopleDirectory>;
} = {}) {
  const channels: Record<string, string[]> = { CAPPROVALS: ['UANA', 'UCAT'], CPRESS: ['UBEN'] };
  const slack = { known, channels, asked: [] as string[][] };
  const world = createWorld({
    rules,
    people: {
      inChannel: (person, channel) => (slack.known ? channels[channel]?.includes(person) : undefined),
      learnMembers: async (wanted) => void slack.asked.push([...wanted]),
      ...people,
    },
  });
  return { ...world, slack };
}

const said = (answer: Answer) => (answer.done ? 'done' : answer.refusal.code);
const elsewhere = ['list', 'home', 'command', 'modal'] as const;

describe('where no approvers are named', () => {
  test.each(elsewhere)('only members of the channel act on it in a %s', async (via) => {
    const { service, output, round, slack } = createOpenWorld();
    const target: Target = { approvalId: await output('A release'), round: 1, via };
    const everything = (by: string) => [
      service.check(target, by),
      service.decide(target, by, { action: 'approve' }),
      service.decide(target, by, { action: 'request_revision', feedback: 'Shorter' }),
      service.claim(target, by),
      service.assign(target, by, 'UANA'),
      service.giveUp(target, by),
    ];
    expect((await Promise.all(everything('UBEN'))).map(said)).toEqual(Array(6).fill('not_member'));
    slack.known = false;
    expect((await Promise.all(everything('UANA'))).map(said)).toEqual([
      ...Array(4).fill('open_card'),
      // Whether the assignee is a member is not known either.
      'assignee_may_not',
      'open_card',
    ]);
    expect(await round(target.approvalId)).toMatchObject({ status: 'waiting', votes: [] });
    slack.known = true;
    expect(said(await service.decide(target, 'UANA', { action: 'approve' }))).toBe('done');
    expect(await round(target.approvalId)).toMatchObject({ status: 'sending', decision: { by: 'UANA' } });
  });

  test('a click on the card decides, whether Slack says who is in the channel or not', async () => {
    const { service, output, slack } = createOpenWorld({ known: false });
    const target: Target = { approvalId: await output('A release'), round: 1, via: 'card', card: CARD };
    expect(said(await service.check(target, 'UZOE'))).toBe('done');
    expect(said(await service.decide(target, 'UZOE', { action: 'approve' }))).toBe('done');
    expect(slack.asked, 'nobody waits for the member list').toEqual([]);
  });

  test('a modal that was opened on the card decides for an hour, then the member list does', async () => {
    const { service, output, clock, slack } = createOpenWorld({ known: false });
    const approvalId = await output('A release');
    const openedOn = { by: 'UANA', at: clock.now(), ...CARD };
    const opened: Target = { approvalId, round: 1, via: 'modal', openedOn };
    await clock.advance(HOUR - 1);
    expect(said(await service.check(opened, 'UANA'))).toBe('done');
    await clock.advance(1);
    const revise = (by: string) =>
      service.decide(opened, by, { action: 'request_revision', feedback: 'Shorter' });
    expect(said(await revise('UANA'))).toBe('open_card');
    slack.known = true;
    expect(said(await revise('UBEN'))).toBe('not_member');
    expect(said(await revise('UANA'))).toBe('done');
  });

  test('a click on any other message counts as one in a list, and that message is not taken for a card', async () => {
    const { service, output, approval, slack } = createOpenWorld({ known: false });
    const approvalId = await output('A release');
    const others = [
      { channel: 'CPRESS', ts: '1.1', own: true },
      { channel: 'DZOE', ts: '1.2', own: true },
      { channel: 'CAPPROVALS', ts: '1.3' },
    ];
    for (const card of others) {
      const target: Target = { approvalId, round: 1, via: 'card', card };
      expect(said(await service.check(target, 'UBEN')), card.channel).toBe('open_card');
      expect(said(await service.decide(target, 'UBEN', { action: 'approve' })), card.channel).toBe(
        'open_card',
      );
      expect((await service.read(target, 'UBEN')).done, card.channel).toBe(false);
      await service.adopt(target, 'UBEN');
    }
    slack.known = true;
    const [elsewhere] = others;
    const target: Target = { approvalId, round: 1, via: 'card', ...(elsewhere ? { card: elsewhere } : {}) };
    expect(said(await service.decide(target, 'UBEN', { action: 'approve' }))).toBe('not_member');
    expect(said(await service.decide(target, 'UANA', { action: 'approve' })), 'a member').toBe('done');
    const { rounds, facts } = await approval(approvalId);
    expect(rounds.flatMap(({ card, duplicateCards }) => [card, ...duplicateCards])).toEqual([undefined]);
    expect(facts.find(({ what }) => what === 'decided')).toMatchObject({ origin: 'list' });
  });

  test('a modal proves access only to the person who opened it on the card, and not before it was opened', async () => {
    const { service, output, clock } = createOpenWorld({ known: false });
    const approvalId = await output('A release');
    const openedOn = { by: 'UANA', at: clock.now(), ...CARD };
    const submit = async (by: string, changed: Partial<NonNullable<Target['openedOn']>> = {}) =>
      said(
        await service.check(
          { approvalId, round: 1, via: 'modal', openedOn: { ...openedOn, ...changed } },
          by,
        ),
      );
    expect(await submit('UANA')).toBe('done');
    expect(await submit('UBEN')).toBe('open_card');
    expect(await submit('UANA', { at: clock.now() + 1 })).toBe('open_card');
    expect(await submit('UANA', { channel: 'CPRESS' })).toBe('open_card');
  });

  test('the card of a direct message proves access only to the person who got it', async () => {
    const tasks = [{ match: 'draft', channel: 'UCAT', policy: {} }];
    const { service, output } = createOpenWorld({ rules: { approvers: ['UCAT', 'UBEN'], tasks } });
    const target: Target = { approvalId: await output('A release'), round: 1, via: 'card' };
    const read = async (by: string, channel: string) =>
      (await service.read({ ...target, card: { channel, ts: '1.1', own: true } }, by)).done;
    expect([await read('UCAT', 'DCAT'), await read('UANA', 'DANA')]).toEqual([true, false]);
  });

  test('Slack is asked once for a member list that is not known, and a late answer counts', async () => {
    const { service, output, slack } = createOpenWorld({
      known: false,
      people: {
        async learnMembers(wanted) {
          slack.asked.push([...wanted]);
          slack.known = true;
        },
      },
    });
    const target: Target = { approvalId: await output('A release'), round: 1, via: 'home' };
    expect(said(await service.decide(target, 'UANA', { action: 'approve' }))).toBe('done');
    expect(slack.asked).toEqual([['CAPPROVALS']]);
  });

  test('a run that names approvers narrows: it needs its list and the channel', async () => {
    const { service, output } = createOpenWorld();
    const meta = { approvers: ['UCAT', 'UBEN'] };
    const target: Target = { approvalId: await output('A release', { meta }), round: 1, via: 'home' };
    const approve = (by: string) => service.decide(target, by, { action: 'approve' });
    expect(said(await approve('UANA')), 'in the channel, not named').toBe('not_approver');
    expect(said(await approve('UBEN')), 'named, not in the channel').toBe('not_member');
    const onCard: Target = { ...target, via: 'card', card: CARD };
    expect(said(await service.check(onCard, 'UANA')), 'on the card, not named').toBe('not_approver');
    expect(said(await approve('UCAT')), 'both').toBe('done');
  });

  test('the channel that counts is the one of the card, not another one of the crew', async () => {
    const { service, output, approval } = createOpenWorld({ rules: { channels: ['CAPPROVALS', 'CPRESS'] } });
    const id = await output('A release', { meta: { channel: 'CPRESS' } });
    expect((await approval(id)).channel).toBe('CPRESS');
    const target: Target = { approvalId: id, round: 1, via: 'list' };
    expect(said(await service.check(target, 'UANA'))).toBe('not_member');
    expect(said(await service.check(target, 'UBEN'))).toBe('done');
  });

  test('a refusal is recorded once per person, with its reason and where they asked', async () => {
    const { service, output, approval } = createOpenWorld();
    const target: Target = { approvalId: await output('A release'), round: 1, via: 'command' };
    for (let time = 0; time < 2; time += 1) await service.decide(target, 'UBEN', { action: 'approve' });
    const { facts } = await approval(target.approvalId);
    expect(facts.filter(({ what }) => what === 'refused_person')).toMatchObject([
      { by: 'UBEN', detail: 'not_member', origin: 'command' },
    ]);
  });

  test('a vote counts on although its voter has left the channel since', async () => {
    const policy = { ...DEFAULT_POLICY, approvalsRequired: 2 };
    const { service, output, round, slack } = createOpenWorld({ rules: { policy } });
    const target: Target = { approvalId: await output('A release'), round: 1, via: 'home' };
    await service.decide(target, 'UANA', { action: 'approve' });
    slack.channels.CAPPROVALS = ['UCAT'];
    expect(said(await service.decide(target, 'UCAT', { action: 'approve' }))).toBe('done');
    expect(await round(target.approvalId)).toMatchObject({ status: 'sending' });
  });
});

describe('an output is read', () => {
  test.each<[string, Partial<Crew>]>([
    ['no approvers are named', {}],
    ['approvers are named', { approvers: ['UBEN'] }],
  ])('where %s by members of the channel and by whoever may decide', async (_, rules) => {
    const { service, output } = createOpenWorld({ rules });
    const target: Target = { approvalId: await output('A release'), round: 1, via: 'home' };
    const read = async (by: string, more: Partial<Target> = {}) =>
      (await service.read({ ...target, ...more }, by)).done;
    const mayDecide = rules.approvers?.includes('UBEN') ?? false;
    expect([await read('UANA'), await read('UBEN'), await read('UZOE')]).toEqual([true, mayDecide, false]);
    expect(await read('UZOE', { via: 'card', card: CARD }), 'who sees the card').toBe(true);
  });

  test('of a direct message by the one who got it and by whoever may decide, without a member list', async () => {
    const tasks = [{ match: 'draft', channel: 'UCAT', policy: {} }];
    const { service, output, approval, slack } = createOpenWorld({
      rules: { approvers: ['UCAT', 'UBEN'], tasks },
    });
    const target: Target = { approvalId: await output('A release'), round: 1, via: 'home' };
    expect((await approval(target.approvalId)).channel).toBe('UCAT');
    const read = async (by: string) => (await service.read(target, by)).done;
    expect([await read('UCAT'), await read('UBEN'), await read('UANA')]).toEqual([true, true, false]);
    expect(slack.asked.flat()).toEqual([]);
  });

  test('page by page for an hour after a click on the card', async () => {
    const { service, output, clock } = createOpenWorld({ known: false });
    const approvalId = await output('A release');
    const openedOn = { by: 'UANA', at: clock.now(), ...CARD };
    const page: Target = { approvalId, round: 1, openedOn };
    expect((await service.read(page, 'UANA')).done).toBe(true);
    await clock.advance(HOUR);
    expect(said(await service.read(page, 'UANA'))).toBe('open_card');
  });
});

describe('the inbox where no approvers are named', () => {
  test('holds what waits in the channels that a person is in', async () => {
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

  test('shows nothing while Slack does not say who is in the channel, and says of how many', async () => {
    const { output, inbox, slack } = createOpenWorld({ known: false });
    await output('One', { executionId: 'e1' });
    await output('Two', { executionId: 'e2' });
    expect(await inbox('UANA')).toMatchObject({ waiting: [], others: 0, unchecked: 2 });
    expect(slack.asked).toContainEqual(['CAPPROVALS']);
  });
});
