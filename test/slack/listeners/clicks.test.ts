import { describe, expect, it } from 'vitest';
import { BLOCK, listToolOptions } from '../../../src/approval/model/tool-call.ts';
import { DeadlineError, StoreError } from '../../../src/lib/errors.ts';
import { drawCard } from '../../../src/slack/api/cards.ts';
import { buildTarget, writeChoice, writeTarget } from '../../../src/slack/app/button-values.ts';
import {
  ACTIONS,
  CALLBACKS,
  FEEDBACK,
  MENU,
  OPTION_BUTTONS,
  OPTION_FORM_BUTTONS,
} from '../../../src/slack/app/ids.ts';
import { replyTooLate } from '../../../src/slack/listeners/listeners.ts';
import { en } from '../../../src/slack/texts/texts.ts';
import { idsOfFeatures } from '../../support/features.ts';
import { alreadyApproved, saying } from '../../support/sentences.ts';
import { AT, approval, decision, reviewApproval, round, roundIn, text } from '../records.ts';
import {
  CARD,
  createListeningBot,
  GUEST,
  IN_LIST,
  type ListeningBot,
  LOST_RUN,
  NEVER,
  NOWHERE,
  ON_HOME,
  ONLY_BEN,
  reviewWithCard,
  startAndWait,
  TWO_APPROVE,
  twoRounds,
  UNTOUCHED,
  type World,
  withCard,
} from './fakes.ts';

const { actions, refusals } = en;
const { decide } = refusals;
const refusedByCrewAI = withCard(roundIn('refused'));
const delivery = { since: AT, attempts: 0, underway: false, unsure: false, undoUntil: AT + 60_000 };
const undoable = withCard(roundIn('sending', { delivery }));
const FIVE = ['north', 'south', 'east', 'west', 'nowhere'];
const SIXTY = Array.from({ length: 60 }, (_, number) => `market ${number}`);

/** The value of a button, or the values of a list's options, as the card of a review has them. */
function valuesOf({ approval: of }: Pick<ListeningBot, 'approval'>, id: string): string[] {
  const content = { approval: of, round: of.rounds[0] as never, output: text('x') };
  const { blocks } = drawCard(en, content, { message: () => undefined, command: '/approvals' }, 'full');
  type Element = { action_id: string; value: string; options?: { value: string }[] };
  const elements = blocks.flatMap((block) => ('elements' in block ? (block.elements as Element[]) : []));
  const { value = '', options } = elements.find(({ action_id }) => action_id === id) ?? {};
  return options?.map((option) => option.value) ?? [value];
}

describe('clicks on a card', () => {
  const by = 'UANA';
  const forTwo = withCard({}, TWO_APPROVE);

  it.each([
    ['Approve', ACTIONS.approve, withCard(), { status: 'sending', decision: { action: 'approve', by } }],
    ['Approve as one of two', ACTIONS.approve, forTwo, { status: 'waiting', votes: [{ by }] }],
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

  it('replies when the card does not show a click within two seconds', async () => {
    const bot = await createListeningBot();
    await bot.click(ACTIONS.approve);
    await bot.clock.advance(1_999);
    expect(bot.replies).toEqual([]);
    await bot.clock.advance(1);
    const place = { user: 'UANA', channel: CARD.channel };
    expect(bot.replies).toMatchObject([{ place, text: actions.cardFollows }]);
  });

  it('does not reply when the card shows a click in time', async () => {
    const bot = await createListeningBot({ approvals: [withCard({}, TWO_APPROVE)] });
    await bot.click(ACTIONS.approve);
    await bot.updateCards();
    await bot.choose(MENU.claim);
    await bot.clock.advance(2_000);
    // The card shows the vote; the claim is said in the thread.
    expect(bot.texts()).toEqual([]);
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

  const voted = withCard({ votes: [decision()] }, TWO_APPROVE);
  const decidedByBen = withCard(roundIn('sending', { decision: decision({ by: 'UBEN' }) }));
  const NEWER =
    /^There is a newer output \(round 2\).*<https:\/\/acme\.slack\.com\/card\|See the current card>$/;
  it.each<[string, World, string | RegExp]>([
    ['from a person who is not an approver', ONLY_BEN, decide.not_approver],
    ['from a guest', GUEST, decide.guest],
    ['from someone outside the channel', { ...NOWHERE, approvals: [approval([round()])] }, decide.not_member],
    ['while the approvers are not known', LOST_RUN, decide.cannot_check],
    ['from a person who approved before', { approvals: [voted] }, decide.already_voted],
    ['on what was decided before', { approvals: [decidedByBen] }, alreadyApproved('<@UBEN>')],
    ['on an older round', { approvals: [twoRounds()] }, NEWER],
    ['on a run that has ended', { approvals: [withCard({ status: 'run_ended' })] }, refusals.runEnded()],
  ])('rejects a click %s, acks it, and replies why', async (_, world, sentence) => {
    const bot = await createListeningBot(world);
    const { status, votes } = await bot.stored();
    await bot.click(ACTIONS.approve);
    expect(await bot.stored()).toMatchObject({ status, votes });
    expect([bot.acks, bot.texts()]).toEqual([[undefined], [saying(sentence)]]);
  });

  it.each<[string, string, string, string, string | undefined]>([
    [ACTIONS.approve, 'x', decide.unknown, 'button value not readable', undefined],
    [ACTIONS.approve, 'ZZZZZZZZZZ.1', decide.unknown, 'decision rejected', 'unknown'],
    [ACTIONS.approve, 'ABCDEFGHJK.1.older', decide.other_output, 'decision rejected', 'other_output'],
    [ACTIONS.requestRevision, 'x', decide.unknown, 'button value not readable', undefined],
    [ACTIONS.requestRevision, 'ZZZZZZZZZZ.1', decide.unknown, 'modal not opened', 'unknown'],
    [ACTIONS.requestRevision, 'ABCDEFGHJK.1.older', decide.other_output, 'modal not opened', 'other_output'],
    [ACTIONS.readInFull, 'x', refusals.read.unknown, 'button value not readable', undefined],
    [ACTIONS.pageAfter, 'x', refusals.notLookedUp, 'page value not readable', undefined],
    [ACTIONS.pageNewer, 'x', refusals.notLookedUp, 'page value not readable', undefined],
  ])(
    'does nothing for a click on %s with the value %j, and replies and logs why',
    async (id, value, sentence, fact, reason) => {
      const bot = await createListeningBot();
      await bot.click(id, { value });
      expect(await bot.stored()).toEqual(UNTOUCHED);
      expect([bot.acks, bot.opened, bot.updated]).toEqual([[undefined], [], []]);
      expect(bot.texts()).toEqual([saying(sentence)]);
      expect(bot.lines).toMatchObject([{ fact, fields: reason ? { reason } : {} }]);
    },
  );
});

describe('clicks while the store is down or slow', () => {
  it.each([
    ['fails', new StoreError('Down.'), refusals.notRecorded],
    ['is too late', new DeadlineError(), refusals.notRecorded],
    ['lost its answer', new StoreError('Slow.', undefined, { unsure: true }), refusals.perhapsRecorded],
  ])('acks a click when a write %s, and replies what is known', async (_, error, sentence) => {
    const bot = await createListeningBot();
    bot.disturb('writes', error);
    await bot.click(ACTIONS.approve);
    expect([bot.acks, bot.texts()]).toEqual([[undefined], [sentence]]);
    expect(bot.logged()).toEqual(['decision not recorded']);
  });

  it('acks a click when a write takes 2.3 s, and replies that it may be recorded', async () => {
    const bot = await createListeningBot();
    bot.disturb('writes', NEVER);
    const clicked = bot.click(ACTIONS.approve);
    await bot.clock.advance(2_300);
    await clicked;
    expect([bot.acks, bot.texts()]).toEqual([[undefined], [refusals.perhapsRecorded]]);
  });

  it('acks a click when a read takes 2.5 s, and replies that nothing is recorded', async () => {
    const bot = await createListeningBot();
    bot.disturb('reads', NEVER);
    const { done } = await startAndWait(() => bot.click(ACTIONS.approve), 2_500);
    await done;
    expect([bot.acks, bot.texts()]).toEqual([[undefined], [refusals.notRecorded]]);
  });
});

describe('clicks elsewhere', () => {
  it.each([
    ['in a list, and confirms it by a reply', IN_LIST, 'list', [actions.recorded]],
    ['on a copy of the card like one in a list', { message: { ts: '1.0' } }, 'list', [actions.recorded]],
    ['on the Home tab without a reply', ON_HOME, 'home', []],
  ])('records a click %s', async (_, body, from, replies) => {
    const bot = await createListeningBot();
    await bot.click(ACTIONS.approve, { body });
    expect(await bot.stored()).toMatchObject({ status: 'sending', from });
    expect(bot.texts()).toEqual(replies);
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
});

describe('options of a Flow', () => {
  it.each<[string, number, string[]]>([
    ...OPTION_BUTTONS.map((id, option): [string, number, string[]] => [id, option, FIVE]),
    [ACTIONS.chooseFromList, 0, SIXTY],
    [ACTIONS.chooseFromList, 59, SIXTY],
  ])('records a choice by %s of option %i, and acks it without a reply', async (id, option, options) => {
    const bot = await createListeningBot({ approvals: [reviewWithCard(options)] });
    const values = valuesOf(bot, id);
    await bot.click(id, values.length > 1 ? { selected: values[option] ?? '' } : { value: values[0] ?? '' });
    const recorded = { action: 'choose', option, feedback: options[option], by: 'UANA' };
    expect(await bot.stored()).toMatchObject({ status: 'sending', decision: recorded, from: 'card' });
    expect([bot.acks, bot.replies]).toEqual([[undefined], []]);
  });

  it.each([
    ['it is not known', {}, '5', /^Decide this with one of its own options: \*north\*/],
    ['it cannot be sent', { callbackUrl: undefined, blockedHost: 'x' }, '0', /^Answer this in CrewAI/],
  ])('rejects an option when %s, and replies so', async (_, review, option, sentence) => {
    const of = reviewApproval({ options: FIVE, ...review });
    const bot = await createListeningBot({ approvals: [of] });
    await bot.click(OPTION_BUTTONS[0], { value: writeChoice(option, buildTarget(of, 1)) });
    expect(await bot.stored()).toEqual(UNTOUCHED);
    expect([bot.acks, bot.texts()]).toEqual([[undefined], [saying(sentence)]]);
  });

  it('rejects an allow on the card of a tool whose arguments do not fit on it', async () => {
    const question = {
      id: 'q1',
      digest: '',
      freeText: 'optional' as const,
      tool: true as const,
      isLong: true as const,
      options: listToolOptions({ ofRun: false, forTool: false }),
    };
    const of = withCard({ question });
    const bot = await createListeningBot({ approvals: [of], crew: { approvers: ['UANA'] } });
    await bot.click(OPTION_BUTTONS[0], { value: writeChoice('0', buildTarget(of, 1)) });
    expect(await bot.stored()).toEqual(UNTOUCHED);
    expect(bot.texts()).toEqual([decide.read_first]);
    await bot.click(OPTION_BUTTONS[1], { value: writeChoice('1', buildTarget(of, 1)) });
    expect(await bot.stored()).toMatchObject({ decision: { option: 1 } });
  });

  describe('a tool whose arguments do not fit on its card', () => {
    const options = listToolOptions({ ofRun: true, forTool: true });
    const tool = { id: 'q1', digest: '', freeText: 'optional', tool: true, isLong: true, options } as const;
    const of = withCard({ question: tool });
    const target = buildTarget(of, 1);
    const values = [
      writeTarget(target),
      ...['0', '2', '3', ...Object.values(MENU)].map((what) => writeChoice(what, target)),
    ];
    const onCard = writeTarget({ ...target, openedOn: { by: 'UANA', at: AT, ...CARD } });
    const texts = ['', 'Allow', 'allow', ...options.map(({ label }) => label)];
    const ways: [string, (bot: ListeningBot) => Promise<void>][] = [
      ...[{}, ON_HOME, IN_LIST].flatMap((body) =>
        [
          ...Object.values(ACTIONS),
          ...OPTION_BUTTONS,
          ...OPTION_FORM_BUTTONS,
          ...idsOfFeatures('clicks'),
        ].flatMap((id) =>
          values.map((value): (typeof ways)[number] => [
            `${id} ${value} ${JSON.stringify(body)}`,
            async (bot) => {
              await bot.click(id, { value, body });
              await bot.click(id, { selected: value, body });
            },
          ]),
        ),
      ),
      ...[...Object.values(CALLBACKS), ...idsOfFeatures('submissions')].flatMap((callback) =>
        [writeTarget(target), onCard, JSON.stringify({ shown: [writeTarget(target)] })].flatMap(
          (private_metadata) =>
            texts.map((feedback): (typeof ways)[number] => [
              `${callback} ${private_metadata} ${feedback}`,
              async (bot) => {
                for (const option of ['0', '2', '3'])
                  for (const note of [undefined, ''])
                    await bot.submit(
                      callback,
                      { feedback, option, ...(note === undefined ? {} : { note }) },
                      { private_metadata },
                    );
                const selected = { selected: { selected_options: [{ value: 'approve' }] } };
                const form = {
                  private_metadata,
                  blocks: [],
                  state: { values: { [`select:${writeTarget(target)}`]: selected } },
                };
                await bot.submit(callback, {}, form);
              },
            ]),
        ),
      ),
      ...['1', '3', '4', ...texts].flatMap((text) =>
        ['choose', 'approve'].map((word): (typeof ways)[number] => [
          `${word} ${text}`,
          (bot) => bot.type(`${word} ${of.id} ${text}`),
        ]),
      ),
    ];

    it('is allowed on the last page of its arguments', async () => {
      const drawn = { place: 'last_page', language: 'en', pages: 3 } as const;
      const value = writeChoice('0', { ...target, drawn });
      for (const private_metadata of [writeTarget(target), onCard]) {
        const bot = await createListeningBot({ approvals: [of], crew: { approvers: ['UANA'] } });
        const view = { id: 'V1', type: 'modal', title: { text: 'Read in full' }, private_metadata };
        await bot.click(OPTION_BUTTONS[0], { value, body: { ...ON_HOME, view } });
        expect(await bot.stored()).toMatchObject({ status: 'sending', decision: { option: 0 } });
      }
    });

    it('is allowed by nothing else: no button, menu, form, list or command', async () => {
      expect(ways.length).toBeGreaterThan(1_000);
      const begin = () => createListeningBot({ approvals: [of], crew: { approvers: ['UANA'] } });
      let bot = await begin();
      for (const [way, go] of ways) {
        await go(bot);
        const { status, decision } = await bot.stored();
        expect(decision?.option ?? BLOCK, way).toBe(BLOCK);
        if (status !== 'waiting') bot = await begin();
      }
    });
  });

  it.each(['', ' ', '-1', '0x0', '1.0', 'north'])('reads no option in %j', async (option) => {
    const of = reviewWithCard(FIVE);
    const bot = await createListeningBot({ approvals: [of] });
    await bot.click(OPTION_BUTTONS[0], { value: writeChoice(option, buildTarget(of, 1)) });
    await bot.submit(CALLBACKS.chooseWithNote, { feedback: 'A note', option });
    expect(await bot.stored()).toEqual(UNTOUCHED);
    expect(bot.texts()).toEqual([saying(/^Decide this with one of its own options/)]);
  });

  it.each(['x', '', '0:x', 'publish'])('records no option for the value %j', async (value) => {
    const bot = await createListeningBot({ approvals: [reviewWithCard(FIVE)] });
    await bot.click(OPTION_BUTTONS[0], { value });
    await bot.click(ACTIONS.chooseFromList, { selected: value });
    expect(await bot.stored()).toEqual(UNTOUCHED);
    expect([bot.acks.length, bot.texts()]).toEqual([2, [decide.unknown, decide.unknown]]);
  });
});

describe('ids from Slack', () => {
  it.each(['approve_all', 'x', '__proto__'])('rejects the unknown button or menu entry %s', async (id) => {
    const bot = await createListeningBot();
    await bot.click(id);
    await bot.choose(id);
    expect([bot.acks.length, bot.texts()]).toEqual([2, Array(2).fill(refusals.unknownButton)]);
    expect(bot.logged()).toEqual(Array(2).fill('unknown button clicked'));
    expect(await bot.stored()).toEqual(UNTOUCHED);
  });

  const { more: _, ...buttons } = ACTIONS;
  it.each([...Object.values(buttons), ...Object.values(MENU), ...idsOfFeatures('clicks')])(
    'acks a click on %s once',
    async (id) => {
      const bot = await createListeningBot();
      if ((Object.values(MENU) as string[]).includes(id)) await bot.choose(id);
      else await bot.click(id, { value: 'x' });
      expect(bot.acks).toHaveLength(1);
      expect(bot.texts()).not.toContain(refusals.unknownButton);
    },
  );

  it.each<[string, object]>([
    ['revision_2', {}],
    ['', {}],
    ['__proto__', {}],
    [CALLBACKS.revision, {}],
    [CALLBACKS.approveWithNote, { feedback: { text: { value: 'Shorter' } } }],
    [CALLBACKS.chooseWithNote, { [FEEDBACK.block]: { [FEEDBACK.action]: { value: 'Shorter' } } }],
    [CALLBACKS.otherAnswer, {}],
    [CALLBACKS.assign, {}],
  ])('rejects the form %j of another version, and shows what was typed', async (id, fields) => {
    const bot = await createListeningBot();
    const typed = { other: { field: { value: 'Typed text' } }, more: { pick: { selected_user: 'UBEN' } } };
    await bot.submit(id, {}, { state: { values: { ...fields, ...typed } } });
    expect(bot.acks).toMatchObject([{ response_action: 'update', view: { title: { text: 'A title' } } }]);
    for (const shown of [refusals.unknownForm, 'Typed text'])
      expect(JSON.stringify(bot.acks)).toContain(shown);
    expect(bot.logged()).toEqual(['unknown form submitted']);
    expect(await bot.stored()).toEqual(UNTOUCHED);
  });

  it('says of an unknown form for several rounds that a later version has posted it', async () => {
    const bot = await createListeningBot();
    const ofLater = `${writeTarget(buildTarget(bot.approval, 1))}/ze${'x'.repeat(12)}`;
    await bot.submit('an_unknown_form', {}, { private_metadata: JSON.stringify({ shown: [ofLater] }) });
    expect(JSON.stringify(bot.acks)).toContain(refusals.laterVersion);
    expect(await bot.stored()).toEqual(UNTOUCHED);
  });

  it('logs each form that it rejects once, with the reason', async () => {
    const bot = await createListeningBot();
    for (const private_metadata of ['x', 'ZZZZZZZZZZ.1'])
      await bot.submit(CALLBACKS.giveUp, {}, { private_metadata });
    const facts = ['form value not readable', 'close rejected'];
    expect(bot.lines.map(({ fact }) => fact)).toEqual(facts);
  });

  it.each(['shortcut', 'message_action'])('acks and logs an unknown %s', async (type) => {
    const bot = await createListeningBot();
    await bot.send(type, { shortcut: { type, callback_id: 'older', user: { id: 'UANA' } } });
    expect([bot.acks, bot.logged()]).toEqual([[undefined], ['unknown shortcut used']]);
  });
});

describe('interactions that are too old', () => {
  type LateBody = Parameters<typeof replyTooLate>[1];

  it('acks a late click, and replies where it was', async () => {
    const bot = await createListeningBot();
    await replyTooLate(bot.app, bot.bodyOf() as unknown as LateBody, { ack: bot.ack, texts: async () => en });
    expect(bot.acks).toEqual([undefined]);
    expect(bot.replies).toMatchObject([
      { place: { user: 'UANA', channel: CARD.channel }, text: refusals.tooLate },
    ]);
    expect(await bot.stored()).toEqual(UNTOUCHED);
  });

  it('keeps a late form open with what was entered, and replies also when Slack no longer accepts the ack', async () => {
    const bot = await createListeningBot();
    const values = { [FEEDBACK.block]: { [FEEDBACK.action]: { value: 'Much shorter' } } };
    const blocks = [{ type: 'section' }, { type: 'input', block_id: FEEDBACK.block }];
    const view = { title: { text: 'Request revision' }, state: { values }, blocks };
    const body = { type: 'view_submission', user: { id: 'UANA' }, view } as unknown as LateBody;
    await replyTooLate(bot.app, body, { ack: bot.ack, texts: async () => en });
    expect(bot.acks).toEqual([{ response_action: 'errors', errors: { [FEEDBACK.block]: refusals.tooLate } }]);
    bot.fails.ack = new Error('Slack no longer waited for the ack');
    await replyTooLate(bot.app, body, { ack: bot.ack, texts: async () => en });
    expect(bot.replies).toEqual(Array(2).fill({ place: { user: 'UANA' }, text: refusals.tooLate }));
  });

  it('says so in the place of a late form that has no field', async () => {
    const bot = await createListeningBot();
    const view = { title: { text: 'Close' }, state: { values: {} }, blocks: [{ type: 'section' }] };
    const body = { type: 'view_submission', user: { id: 'UANA' }, view } as unknown as LateBody;
    await replyTooLate(bot.app, body, { ack: bot.ack, texts: async () => en });
    expect(bot.acks).toMatchObject([{ response_action: 'update', view: { title: { text: 'Close' } } }]);
    expect(JSON.stringify(bot.acks)).toContain(refusals.tooLate);
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
