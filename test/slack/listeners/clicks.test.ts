import { describe, expect, it } from 'vitest';
import { DeadlineError, StoreError } from '../../../src/lib/errors.ts';
import { drawCard } from '../../../src/slack/api/cards.ts';
import { targetOf, writeChoice } from '../../../src/slack/app/button-values.ts';
import { ACTIONS, CALLBACKS, FEEDBACK, MENU, OPTION_BUTTONS } from '../../../src/slack/app/ids.ts';
import { replyTooLate } from '../../../src/slack/listeners/listeners.ts';
import { en as texts } from '../../../src/slack/texts/en.ts';
import { alreadyApproved, saying } from '../../support/sentences.ts';
import { AT, approval, decision, reviewApproval, round, roundIn, text } from '../records.ts';
import {
  CARD,
  createListeningBot,
  GUEST,
  IN_LIST,
  type ListeningBot,
  NEVER,
  ON_HOME,
  ONLY_BEN,
  reviewWithCard,
  startAndWait,
  TWO_APPROVE,
  twoRounds,
  UNTOUCHED,
  withCard,
} from './fakes.ts';

const chosenByBen = decision({ by: 'UBEN' });
const refusedByCrewAI = withCard(roundIn('refused'));
const delivery = { since: AT, attempts: 0, underway: false, unsure: false, undoUntil: AT + 60_000 };
const undoable = withCard(roundIn('sending', { delivery }));
const FIVE = ['north', 'south', 'east', 'west', 'nowhere'];

/** The values of the buttons, and of the options of the lists, that the card of a review has. */
function valuesOf({ approval: of }: Pick<ListeningBot, 'approval'>, id: string): string[] {
  const links = { message: () => undefined, command: '/approvals' };
  const { blocks } = drawCard(
    { approval: of, round: of.rounds[0] as never, output: text('x') },
    links,
    'full',
  );
  type Element = { action_id: string; value: string; options?: { value: string }[] };
  const elements = blocks.flatMap((block) => ('elements' in block ? (block.elements as Element[]) : []));
  const { value = '', options } = elements.find(({ action_id }) => action_id === id) ?? {};
  return options?.map((option) => option.value) ?? [value];
}

describe('clicks on a card', () => {
  it.each([
    [
      'Approve',
      ACTIONS.approve,
      withCard(),
      { status: 'sending', decision: { action: 'approve', by: 'UANA' } },
    ],
    ['Send again', ACTIONS.retry, refusedByCrewAI, { status: 'sending' }],
    ['Undo', ACTIONS.undo, undoable, UNTOUCHED],
    ['Close without a decision', ACTIONS.giveUp, withCard(), { status: 'given_up' }],
  ])('records a click on %s, and acks it without a reply', async (_, id, of, recorded) => {
    const bot = await createListeningBot({ approvals: [of] });
    await bot.click(id);
    expect(await bot.stored()).toMatchObject({ ...recorded, from: 'card' });
    expect([bot.acks, bot.replies]).toEqual([[undefined], []]);
  });

  it.each([
    [MENU.claim, {}, { claimedBy: 'UANA' }],
    [MENU.release, { claim: { by: 'UANA', until: AT + 60_000 } }, { claimedBy: undefined }],
  ])('records %s in the menu at once', async (entry, held, recorded) => {
    const bot = await createListeningBot({ approvals: [withCard(held)] });
    await bot.choose(entry);
    expect(await bot.stored()).toMatchObject({ ...UNTOUCHED, ...recorded, from: 'card' });
    expect([bot.acks, bot.opened]).toEqual([[undefined], []]);
  });

  it('counts a click as one vote where two people have to approve', async () => {
    const bot = await createListeningBot({ approvals: [withCard({}, TWO_APPROVE)] });
    await bot.click(ACTIONS.approve);
    expect(await bot.stored()).toMatchObject({ status: 'waiting', votes: [{ by: 'UANA' }] });
    await bot.click(ACTIONS.approve);
    expect(bot.texts()).toEqual([texts.refusals.decide.already_voted]);
  });

  it('replies when the card does not show a click within two seconds', async () => {
    const bot = await createListeningBot();
    await bot.click(ACTIONS.approve);
    await bot.clock.advance(1_999);
    expect(bot.replies).toEqual([]);
    await bot.clock.advance(1);
    expect(bot.replies).toMatchObject([
      { place: { user: 'UANA', channel: CARD.channel }, text: texts.actions.cardFollows },
    ]);
  });

  it('does not reply when the card shows a click in time', async () => {
    const bot = await createListeningBot({ approvals: [withCard({}, TWO_APPROVE)] });
    await bot.click(ACTIONS.approve);
    await bot.updateCards();
    await bot.choose(MENU.claim);
    await bot.clock.advance(2_000);
    // The card shows the vote, and the claim follows.
    expect(bot.texts()).toEqual([texts.actions.cardFollows]);
  });

  it('does not reply when asking the same person again changes nothing on the card', async () => {
    const bot = await createListeningBot();
    for (const _ of [1, 2]) {
      await bot.submit(CALLBACKS.assign, { assignee: 'UBEN' });
      await bot.updateCards();
      await bot.clock.advance(2_000);
    }
    expect((await bot.stored()).assignee).toBe('UBEN');
    expect(bot.replies).toEqual([]);
  });

  it.each([
    ['from a person who is not an approver', ONLY_BEN, texts.refusals.decide.not_approver],
    ['from a guest', GUEST, texts.refusals.decide.guest],
    [
      'from someone outside the channel',
      { people: { inChannel: () => false }, approvals: [approval([round()])] },
      texts.refusals.decide.not_member,
    ],
    [
      'while the approvers are not known',
      { run: { lost: true as const } },
      texts.refusals.decide.cannot_check,
    ],
    [
      'on what was decided before',
      { approvals: [withCard(roundIn('sending', { decision: chosenByBen }))] },
      alreadyApproved('<@UBEN>'),
    ],
    [
      'on an older round',
      { approvals: [twoRounds()] },
      /^There is a newer output \(round 2\).*<https:\/\/acme\.slack\.com\/card\|See the current card>$/,
    ],
    [
      'on a run that has ended',
      { approvals: [withCard({ status: 'run_ended' })] },
      texts.refusals.runEnded(),
    ],
  ] as [string, Parameters<typeof createListeningBot>[0], string | RegExp][])(
    'rejects a click %s, acks it, and replies why',
    async (_, world, sentence) => {
      const bot = await createListeningBot(world);
      const { status, votes } = await bot.stored();
      await bot.click(ACTIONS.approve);
      expect(await bot.stored()).toMatchObject({ status, votes });
      expect([bot.acks, bot.texts()]).toEqual([[undefined], [saying(sentence)]]);
    },
  );

  it.each([
    ['is not ours', 'x', texts.refusals.decide.unknown],
    ['names an approval that is not known', 'ZZZZZZZZZZ.1', texts.refusals.decide.unknown],
    ['names another output', 'ABCDEFGHJK.1.other', texts.refusals.decide.other_output],
  ])('records nothing of a click whose value %s', async (_, value, sentence) => {
    const bot = await createListeningBot();
    await bot.click(ACTIONS.approve, { value });
    expect(await bot.stored()).toEqual(UNTOUCHED);
    expect([bot.acks, bot.texts()]).toEqual([[undefined], [saying(sentence)]]);
  });

  it('replies in the thread that the card is in', async () => {
    const bot = await createListeningBot({ approvals: [refusedByCrewAI] });
    const threadTs = '1700000000.000000';
    await bot.click(ACTIONS.approve, { body: { message: { ts: CARD.ts, thread_ts: threadTs } } });
    expect(bot.replies).toMatchObject([{ place: { threadTs } }]);
  });
});

describe('clicks while the store is down or slow', () => {
  it.each([
    ['fails', new StoreError('Down.'), texts.refusals.notRecorded],
    ['is too late', new DeadlineError(), texts.refusals.notRecorded],
    ['lost its answer', new StoreError('Slow.', undefined, { unsure: true }), texts.refusals.perhapsRecorded],
  ])('acks a click when a write %s, and replies what is known', async (_, error, sentence) => {
    const bot = await createListeningBot();
    bot.disturb('writes', error);
    await bot.click(ACTIONS.approve);
    expect([bot.acks, bot.texts(), bot.logged()]).toEqual([
      [undefined],
      [sentence],
      ['decision not recorded'],
    ]);
  });

  it('acks a click when a write takes 2.3 s, and replies that it may be recorded', async () => {
    const bot = await createListeningBot();
    bot.disturb('writes', NEVER);
    const clicked = bot.click(ACTIONS.approve);
    await bot.clock.advance(2_300);
    await clicked;
    expect([bot.acks, bot.texts()]).toEqual([[undefined], [texts.refusals.perhapsRecorded]]);
  });

  it('acks a click when a read takes 2.5 s, and replies that nothing is recorded', async () => {
    const bot = await createListeningBot();
    bot.disturb('reads', NEVER);
    const { done } = await startAndWait(() => bot.click(ACTIONS.approve), 2_500);
    await done;
    expect([bot.acks, bot.texts()]).toEqual([[undefined], [texts.refusals.notRecorded]]);
  });
});

describe('clicks elsewhere', () => {
  it('confirms a click in a list by a reply', async () => {
    const bot = await createListeningBot();
    await bot.click(ACTIONS.approve, { body: IN_LIST });
    expect(await bot.stored()).toMatchObject({ status: 'sending', from: 'list' });
    expect(bot.texts()).toEqual([texts.actions.recorded]);
  });

  it('confirms a click on a copy of the card by a reply, and records it like one in a list', async () => {
    const bot = await createListeningBot();
    await bot.click(ACTIONS.approve, { body: { message: { ts: '1.0' } } });
    expect(await bot.stored()).toMatchObject({ status: 'sending', from: 'list' });
    expect(bot.texts()).toEqual([texts.actions.recorded]);
  });

  it('accepts a click on the card as proof of access to the channel, and no click in a list', async () => {
    const bot = await createListeningBot({ people: { inChannel: () => undefined } });
    for (const body of [IN_LIST, { container: { is_ephemeral: true } }]) {
      await bot.click(ACTIONS.approve, { body });
      expect(await bot.stored()).toMatchObject({ ...UNTOUCHED, refused: ['UANA'] });
      expect(bot.texts().at(-1)).toMatch(/^Open the card to decide/);
    }
    await bot.click(ACTIONS.approve);
    expect(await bot.stored()).toMatchObject({ status: 'sending', from: 'card' });
  });

  it('records a click on the Home tab without a reply', async () => {
    const bot = await createListeningBot();
    await bot.click(ACTIONS.approve, { body: ON_HOME });
    expect(await bot.stored()).toMatchObject({ status: 'sending', from: 'home' });
    expect(bot.replies).toEqual([]);
  });
});

describe('options of a Flow', () => {
  it.each(OPTION_BUTTONS.map((id, option) => [id, option] as const))(
    'records the option on button %s, and acks it without a reply',
    async (id, option) => {
      const bot = await createListeningBot({ approvals: [reviewWithCard(FIVE)] });
      await bot.click(id, { value: valuesOf(bot, id)[0] ?? '' });
      const recorded = { action: 'choose', option, feedback: FIVE[option], by: 'UANA' };
      expect(await bot.stored()).toMatchObject({ status: 'sending', decision: recorded, from: 'card' });
      expect([bot.acks, bot.replies]).toEqual([[undefined], []]);
    },
  );

  it.each([0, 59])('records the option at place %i in a list of sixty', async (option) => {
    const options = Array.from({ length: 60 }, (_, number) => `market ${number}`);
    const bot = await createListeningBot({ approvals: [reviewWithCard(options)] });
    await bot.click(ACTIONS.chooseFromList, {
      selected: valuesOf(bot, ACTIONS.chooseFromList)[option] ?? '',
    });
    expect(await bot.stored()).toMatchObject({ decision: { option, feedback: `market ${option}` } });
    expect(bot.acks).toEqual([undefined]);
  });

  it.each([
    ['it is not known', {}, '5', /^Decide this with one of its own options: \*north\*/],
    [
      'its host may not be called',
      { callbackUrl: undefined, blockedHost: 'x' },
      '0',
      /^Answer this in CrewAI/,
    ],
  ])('rejects an option when %s, and replies so', async (_, review, option, sentence) => {
    const of = reviewApproval({ options: FIVE, ...review });
    const bot = await createListeningBot({ approvals: [of] });
    await bot.click(OPTION_BUTTONS[0], { value: writeChoice(option, targetOf(of, 1)) });
    expect(await bot.stored()).toEqual(UNTOUCHED);
    expect([bot.acks, bot.texts()]).toEqual([[undefined], [saying(sentence)]]);
  });

  it.each(['', ' ', '-1', '0x0', '1.0', 'north'])('reads no option in %j', async (option) => {
    const of = reviewWithCard(FIVE);
    const bot = await createListeningBot({ approvals: [of] });
    await bot.click(OPTION_BUTTONS[0], { value: writeChoice(option, targetOf(of, 1)) });
    await bot.submit(CALLBACKS.chooseWithNote, { feedback: 'A note', option });
    expect(await bot.stored()).toEqual(UNTOUCHED);
    expect(bot.texts()).toEqual([expect.stringMatching(/^Decide this with one of its own options/)]);
  });

  it.each(['x', '', '0:x', 'publish'])('records no option for the value %j', async (value) => {
    const bot = await createListeningBot({ approvals: [reviewWithCard(FIVE)] });
    await bot.click(OPTION_BUTTONS[0], { value });
    await bot.click(ACTIONS.chooseFromList, { selected: value });
    expect(await bot.stored()).toEqual(UNTOUCHED);
    expect([bot.acks.length, bot.texts()]).toEqual([
      2,
      [texts.refusals.decide.unknown, texts.refusals.decide.unknown],
    ]);
  });
});

describe('ids from Slack', () => {
  it.each(['approve_all', 'x', '__proto__'])(
    'replies that it does not know the button or menu entry %s',
    async (id) => {
      const bot = await createListeningBot();
      await bot.click(id);
      await bot.choose(id);
      expect([bot.acks.length, bot.texts()]).toEqual([
        2,
        [texts.refusals.unknownButton, texts.refusals.unknownButton],
      ]);
      expect(bot.logged()).toEqual(['unknown button clicked', 'unknown button clicked']);
      expect(await bot.stored()).toEqual(UNTOUCHED);
    },
  );

  it('logs each click that it refuses once, with the reason', async () => {
    for (const [id, value, fact, reason] of [
      [ACTIONS.approve, 'x', 'button value not readable', undefined],
      [ACTIONS.requestRevision, 'x', 'button value not readable', undefined],
      [ACTIONS.approve, 'ZZZZZZZZZZ.1', 'decision rejected', 'unknown'],
      [ACTIONS.approve, 'older', 'decision rejected', 'other_output'],
      [ACTIONS.requestRevision, 'ZZZZZZZZZZ.1', 'modal not opened', 'unknown'],
      [ACTIONS.requestRevision, 'older', 'modal not opened', 'other_output'],
      [ACTIONS.pageNewer, 'x', 'page value not readable', undefined],
    ] as const) {
      const bot = await createListeningBot();
      const own = value === 'older' ? bot.targetValue().replace(/\w+$/, 'older') : value;
      await bot.click(id, { value: own });
      expect(bot.lines.map((line) => [line.fact, (line.fields as { reason?: string }).reason])).toEqual([
        [fact, reason],
      ]);
    }
  });

  it('logs each form that it refuses once, with the reason', async () => {
    const bot = await createListeningBot();
    for (const private_metadata of ['x', 'ZZZZZZZZZZ.1'])
      await bot.submit(CALLBACKS.giveUp, {}, { private_metadata });
    await bot.submit(CALLBACKS.startRun, {}, { private_metadata: 'x' });
    expect(bot.lines.map(({ fact }) => fact)).toEqual([
      'form value not readable',
      'close rejected',
      'form value not readable',
    ]);
  });

  it('acks each of its buttons and menu entries once', async () => {
    const { more: _, ...buttons } = ACTIONS;
    for (const id of Object.values(buttons)) {
      const bot = await createListeningBot();
      await bot.click(id, { value: 'x' });
      expect([bot.acks.length, bot.texts().includes(texts.refusals.unknownButton)], id).toEqual([1, false]);
    }
    for (const entry of Object.values(MENU)) {
      const bot = await createListeningBot();
      await bot.choose(entry);
      expect([bot.acks.length, bot.texts().includes(texts.refusals.unknownButton)], entry).toEqual([
        1,
        false,
      ]);
    }
  });

  it.each(['revision_2', '', '__proto__'])(
    'says in the modal %j of another version that it does not know it, with what was typed',
    async (id) => {
      const bot = await createListeningBot();
      const values = { other: { field: { value: 'Shorter' } }, more: { pick: { selected_user: 'UBEN' } } };
      await bot.submit(id, {}, { state: { values } });
      expect(bot.acks).toMatchObject([{ response_action: 'update', view: { title: { text: 'A title' } } }]);
      for (const text of [texts.refusals.unknownForm, 'Shorter'])
        expect(JSON.stringify(bot.acks)).toContain(text);
      expect(bot.logged()).toEqual(['unknown form submitted']);
      expect(await bot.stored()).toEqual(UNTOUCHED);
    },
  );

  it.each([
    [CALLBACKS.revision, {}],
    [CALLBACKS.approveWithNote, { feedback: { text: { value: 'Shorter' } } }],
    [CALLBACKS.chooseWithNote, { [FEEDBACK.block]: { [FEEDBACK.action]: { value: 'Shorter' } } }],
    [CALLBACKS.otherAnswer, {}],
    [CALLBACKS.assign, {}],
    [CALLBACKS.startRun, {}],
    [CALLBACKS.startRun, { 'input:topic': { text: { value: 'rain' } } }],
    [CALLBACKS.chooseCrew, {}],
    [CALLBACKS.chooseCrew, { crew: { crew: { selected_option: null } } }],
  ])('says in the modal %s whose fields it does not know that it does not know it', async (id, fields) => {
    const bot = await createListeningBot();
    const values = { ...fields, other: { field: { value: 'Typed text' } } };
    const private_metadata =
      id === CALLBACKS.startRun || id === CALLBACKS.chooseCrew
        ? JSON.stringify({ id: '1', crew: bot.crew.name })
        : bot.targetValue();
    await bot.submit(id, {}, { private_metadata, state: { values } });
    expect(bot.acks).toMatchObject([{ response_action: 'update', view: { title: { text: 'A title' } } }]);
    for (const text of [texts.refusals.unknownForm, 'Typed text'])
      expect(JSON.stringify(bot.acks)).toContain(text);
    expect(bot.logged()).toEqual(['unknown form submitted']);
    expect(await bot.stored()).toEqual(UNTOUCHED);
    expect(await bot.startedRuns()).toEqual([]);
  });

  it.each(['shortcut', 'message_action'])('acks and logs a %s that it does not know', async (type) => {
    const bot = await createListeningBot();
    await bot.send(type, { shortcut: { type, callback_id: 'older', user: { id: 'UANA' } } });
    expect([bot.acks, bot.logged()]).toEqual([[undefined], ['unknown shortcut used']]);
  });

  it('acks each of its modals once', async () => {
    const bot = await createListeningBot();
    const all = Object.values(CALLBACKS);
    for (const id of all) await bot.submit(id, {}, { private_metadata: 'x' });
    expect(bot.acks).toHaveLength(all.length);
  });
});

describe('interactions that are too old', () => {
  type LateBody = Parameters<typeof replyTooLate>[1];

  it('acks a late click and a late command, and replies where they were', async () => {
    const bot = await createListeningBot();
    await replyTooLate(bot.app, bot.bodyOf() as unknown as LateBody, bot.ack);
    const command = { command: '/approvals', user_id: 'UBEN', channel_id: 'C1' } as unknown as LateBody;
    await replyTooLate(bot.app, command, bot.ack);
    expect(bot.acks).toEqual([undefined, undefined]);
    expect(bot.replies).toMatchObject([
      { place: { user: 'UANA', channel: CARD.channel }, text: texts.refusals.tooLate },
      { place: { user: 'UBEN', channel: 'C1' }, text: texts.refusals.tooLate },
    ]);
    expect(await bot.stored()).toEqual(UNTOUCHED);
  });

  it('shows what was typed in a late modal, and replies when Slack no longer accepts the ack', async () => {
    const bot = await createListeningBot();
    const values = { [FEEDBACK.block]: { [FEEDBACK.action]: { value: 'Much shorter' } } };
    const view = { title: { text: 'Request revision' }, state: { values } };
    const body = { type: 'view_submission', user: { id: 'UANA' }, view } as unknown as LateBody;
    await replyTooLate(bot.app, body, bot.ack);
    expect(JSON.stringify(bot.acks)).toContain('Much shorter');
    bot.fails.ack = new Error('Slack no longer waited for the ack');
    await replyTooLate(bot.app, body, bot.ack);
    expect(bot.replies).toEqual(Array(2).fill({ place: { user: 'UANA' }, text: texts.refusals.tooLate }));
  });
});

it('keeps the response_url of a click on a card, and of no other click', async () => {
  const { clicked, click } = await createListeningBot();
  for (const body of [{}, IN_LIST, { message: undefined }]) await click('from_a_newer_version', { body });
  expect(clicked).toEqual([[CARD, 'https://hooks.slack.com/1']]);
});

it('updates the Home tab when it is opened, and not when the Messages tab is', async () => {
  const bot = await createListeningBot();
  for (const tab of ['home', 'messages']) await bot.openHome(tab);
  expect(bot.homes).toEqual(['UANA']);
});
