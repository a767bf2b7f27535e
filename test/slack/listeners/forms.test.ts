import { describe, expect, it } from 'vitest';
import type { Field } from '../../../src/approval/model/fields.ts';
import { StoreError } from '../../../src/lib/errors.ts';
import {
  ACTIONS,
  ASSIGNEE,
  CALLBACKS,
  FEEDBACK,
  FIELD_ACTION,
  MENU,
  PEOPLE_NOTE,
  UNREAD,
  valueBlock,
} from '../../../src/slack/app/ids.ts';
import { en } from '../../../src/slack/texts/texts.ts';
import { alreadyApproved, saying } from '../../support/sentences.ts';
import { decision, reviewApproval, roundIn } from '../records.ts';
import {
  CARD,
  createListeningBot,
  GUEST,
  NEVER,
  ONLY_BEN,
  reviewWithCard,
  startAndWait,
  twoRounds,
  UNTOUCHED,
  type World,
  withCard,
} from './fakes.ts';

const { actions, refusals } = en;
const { decide } = refusals;
const down = new StoreError('Down.');
const unsure = new StoreError('Slow.', undefined, { unsure: true });
const review = reviewWithCard();
const blockedReview = reviewApproval({ callbackUrl: undefined, blockedHost: 'x' });
const OPTIONS = ['*publish*', '*rewrite*', '*discard*'];
const fields: Field[] = [{ name: 'limit', kind: 'integer' }];
const asksForLimit = withCard({ question: { id: 'q1', digest: 'd', freeText: 'none', fields } });
const inWords = reviewApproval({ options: [] });

describe('opening a form', () => {
  it.each([
    [ACTIONS.requestRevision, withCard(), CALLBACKS.revision, 'The hash output.'],
    [ACTIONS.otherAnswer, review, CALLBACKS.otherAnswer, ''],
  ])(
    'opens the form of %s, which remembers that the card was clicked',
    async (id, of, callback_id, shown) => {
      const bot = await createListeningBot({ approvals: [of] });
      await bot.click(id);
      const private_metadata = `${bot.targetValue()}@${bot.clock.now()},UANA,${CARD.channel},${CARD.ts}`;
      expect([bot.acks, bot.opened]).toMatchObject([[undefined], [{ callback_id, private_metadata }]]);
      expect(JSON.stringify(bot.opened)).toContain(shown);
      expect(await bot.stored()).toEqual(UNTOUCHED);
    },
  );

  it.each([
    [MENU.approveWithNote, withCard(), CALLBACKS.approveWithNote, []],
    [MENU.chooseWithNote, review, CALLBACKS.chooseWithNote, ['"publish"', '"rewrite"', '"discard"']],
    [MENU.assign, withCard(), CALLBACKS.assign, []],
    [MENU.giveUp, withCard(), CALLBACKS.giveUp, []],
  ])('opens the form of %s in the menu', async (entry, of, callback_id, offered) => {
    const bot = await createListeningBot({ approvals: [of] });
    await bot.choose(entry);
    expect([bot.acks, bot.opened]).toMatchObject([[undefined], [{ callback_id }]]);
    for (const option of offered) expect(JSON.stringify(bot.opened)).toContain(option);
  });

  it.each([
    ['documented', 'The crew gets this text in full'],
    ['live', 'The note stays in the thread'],
  ] as const)('says in the %s dialect whether CrewAI gets the note: %s', async (dialect, sentence) => {
    const bot = await createListeningBot({ dialect });
    await bot.choose(MENU.approveWithNote);
    expect(JSON.stringify(bot.opened)).toContain(sentence);
  });

  it.each([
    ['a guest', GUEST, decide.guest],
    ['a person who is not an approver', ONLY_BEN, decide.not_approver],
  ])('opens no form for %s, replies why, and records that', async (_, world, sentence) => {
    for (const id of [ACTIONS.requestRevision, ACTIONS.otherAnswer]) {
      const bot = await createListeningBot({ ...world, approvals: [review] });
      await bot.click(id);
      expect([bot.acks, bot.opened, bot.texts()]).toEqual([[undefined], [], [saying(sentence)]]);
      expect(await bot.stored()).toMatchObject({ ...UNTOUCHED, refused: ['UANA'] });
    }
  });

  it.each([
    ['an older round', twoRounds(), refusals.superseded(2)],
    ['what was decided before', withCard(roundIn('sending')), alreadyApproved('<@UANA>')],
    ['a review with options', reviewApproval(), refusals.decideByOptions(OPTIONS)],
    ['a review that takes a text', inWords, refusals.decideInWords],
    ['a review that has to be answered in CrewAI', blockedReview, 'Answer this in CrewAI'],
  ])('opens no form to revise %s, and replies why', async (_, of, sentence) => {
    const bot = await createListeningBot({ approvals: [of] });
    await bot.click(ACTIONS.requestRevision);
    expect([bot.acks, bot.opened, bot.texts()]).toEqual([[undefined], [], [saying(sentence)]]);
  });

  it.each([
    ['fails', down, 0],
    ['does not answer while the trigger is valid', NEVER, 1_200],
  ])('opens no form when the store %s', async (_, trouble, after) => {
    const bot = await createListeningBot();
    bot.disturb('runs', trouble);
    const { done } = await startAndWait(() => bot.click(ACTIONS.requestRevision), after);
    await done;
    expect([bot.opened, bot.texts()]).toEqual([[], [refusals.notRecorded]]);
    expect(bot.logged()).toEqual(['approval not read']);
  });

  it('replies without a modal when Slack does not open the form', async () => {
    const bot = await createListeningBot();
    bot.fails.open = new Error('expired_trigger_id');
    await bot.click(ACTIONS.requestRevision);
    expect(bot.replies).toMatchObject([{ place: { triggerId: undefined }, text: refusals.formNotOpened }]);
    expect(bot.logged()).toEqual(['modal not opened']);
  });
});

describe('submitting a form', () => {
  const feedback = ' Shorter ';
  const note = ' For us ';
  const FOR_US = { note: 'For us' };
  const answered = { feedback, option: undefined };
  const discard = { action: 'choose', option: 2, feedback: 'discard' };

  it.each([
    [CALLBACKS.revision, { feedback, note }, { action: 'request_revision', feedback }, FOR_US],
    [CALLBACKS.approveWithNote, { feedback, note }, { action: 'approve', feedback }, FOR_US],
    // The form has no field for people: it has said that CrewAI does not get the note.
    [CALLBACKS.approveWithNote, { feedback }, { action: 'approve', feedback: '' }, { note: feedback }],
    [CALLBACKS.chooseWithNote, { feedback, option: 2 }, discard, { note: feedback }],
    [CALLBACKS.otherAnswer, { feedback, note }, { action: 'choose', ...answered }, FOR_US],
    [CALLBACKS.assign, { assignee: 'UBEN' }, undefined, { status: 'waiting', assignee: 'UBEN' }],
    [CALLBACKS.giveUp, {}, undefined, { status: 'given_up' }],
  ])('records all that was entered in %s, and closes it', async (callback, entered, decided, more) => {
    const answersFlow = callback === CALLBACKS.chooseWithNote || callback === CALLBACKS.otherAnswer;
    const bot = await createListeningBot({ approvals: [answersFlow ? review : withCard()] });
    await bot.submit(callback, entered);
    const stored = await bot.stored();
    expect(stored).toMatchObject({ status: 'sending', ...more, from: 'modal' });
    expect(stored.decision).toEqual(decided && expect.objectContaining(decided));
    expect([bot.acks, bot.replies]).toEqual([[undefined], []]);
  });

  it.each([
    [CALLBACKS.revision, withCard(), undefined],
    [
      CALLBACKS.enterValues,
      asksForLimit,
      { [valueBlock(undefined, 'limit')]: { [FIELD_ACTION]: { value: '5' } } },
    ],
  ])(
    'records a form of an earlier version (%s) before it knows the language',
    async (callback, of, values) => {
      const bot = await createListeningBot({ approvals: [of], texts: () => NEVER });
      await bot.submit(callback, { feedback }, values ? { state: { values } } : {});
      expect((await bot.stored()).decision).toMatchObject({ by: 'UANA' });
      expect(bot.acks).toEqual([undefined]);
    },
  );

  it('accepts a form that was opened on the card as proof of access to the channel', async () => {
    const bot = await createListeningBot({ people: { inChannel: () => undefined } });
    await bot.submit(CALLBACKS.revision, { feedback });
    expect(JSON.stringify(bot.acks)).toContain('Open the card to decide');
    await bot.click(ACTIONS.requestRevision);
    const { private_metadata } = bot.opened[0] ?? {};
    await bot.submit(CALLBACKS.revision, { feedback }, { private_metadata });
    expect(await bot.stored()).toMatchObject({ status: 'sending' });
  });

  it('replies beside the card when the card does not show it within two seconds', async () => {
    const bot = await createListeningBot();
    await bot.submit(CALLBACKS.giveUp);
    await bot.clock.advance(2_000);
    const place = { user: 'UANA', channel: CARD.channel, threadTs: undefined };
    expect(bot.replies).toEqual([{ place, text: actions.cardFollows }]);
  });
});

/** Nothing to see: white space, controls, what has no width, and what is drawn as nothing. */
const BLANKS = [
  ...['', ' \n', '\t\r\n', '\u00a0\u2003\u3000', '\u200b', '\u00ad', '\u2060\ufeff'],
  ...['\u202e', '\u2800', '\u3164', '\ufff9', '\u0001', '\ufe0f', '\u{e0041}\u{e007f}'],
];

describe('rejecting a form', () => {
  const errors = (sentence: string | RegExp, block: string = FEEDBACK.block) => [
    { response_action: 'errors', errors: { [block]: saying(sentence) } },
  ];

  it.each([
    [CALLBACKS.revision, refusals.feedbackMissing],
    [CALLBACKS.approveWithNote, refusals.noteMissing],
    [CALLBACKS.otherAnswer, refusals.answerMissing],
    [CALLBACKS.chooseWithNote, refusals.choiceNoteMissing],
  ])('says at the field of %s that its text is missing', async (callback, sentence) => {
    const bot = await createListeningBot({ approvals: [review] });
    for (const feedback of BLANKS) await bot.submit(callback, { feedback, option: 0 });
    expect(bot.acks).toEqual(BLANKS.flatMap(() => errors(sentence)));
    expect(await bot.stored()).toEqual(UNTOUCHED);
  });

  it('asks for the tick of a form that did not show the whole output', async () => {
    const long = { kind: 'text' as const, text: 'A line of the report.\n'.repeat(2_000) };
    const approval = withCard();
    const [hash = ''] = approval.rounds[0]?.hashes ?? [];
    const bot = await createListeningBot({ approvals: [approval], outputs: { [hash]: long } });
    await bot.choose(MENU.approveWithNote);
    const { blocks = [], private_metadata } = bot.opened[0] ?? {};
    const values = (selected_options: object[]) => ({
      [FEEDBACK.block]: { [FEEDBACK.action]: { value: 'Fine' } },
      [PEOPLE_NOTE.block]: { [PEOPLE_NOTE.action]: { value: null } },
      [UNREAD.block]: { [UNREAD.action]: { selected_options } },
    });
    const send = (ticked: object[]) =>
      bot.submit(
        CALLBACKS.approveWithNote,
        {},
        { private_metadata, blocks, state: { values: values(ticked) } },
      );
    await send([]);
    expect(bot.acks.slice(1)).toEqual(errors(refusals.boxNotTicked, UNREAD.block));
    expect(await bot.stored()).toEqual(UNTOUCHED);
    await send([{ value: 'anyway' }]);
    expect(await bot.stored()).toMatchObject({ status: 'sending' });
  });

  it.each(BLANKS)('records no note for people that is blank: %j', async (note) => {
    const bot = await createListeningBot();
    await bot.submit(CALLBACKS.revision, { feedback: 'Shorter', note });
    expect(await bot.stored()).toMatchObject({ decision: { feedback: 'Shorter' }, note: undefined });
  });

  it.each<[string, World, { trouble?: Error; private_metadata?: string }, string | RegExp]>([
    ['the store failed', {}, { trouble: down }, refusals.notRecorded],
    ['the store lost its answer', {}, { trouble: unsure }, refusals.perhapsRecorded],
    ['the approval is not known', {}, { private_metadata: 'x' }, decide.unknown],
    ['the person is not an approver', ONLY_BEN, {}, decide.not_approver],
    ['the person is a guest', GUEST, {}, decide.guest],
    ['its host may not be called', { approvals: [blockedReview] }, {}, /^Answer this in CrewAI/],
  ])('keeps its text and says at the field that %s', async (_, world, { trouble, ...view }, sentence) => {
    for (const callback of [CALLBACKS.chooseWithNote, CALLBACKS.otherAnswer, CALLBACKS.revision]) {
      const own = callback === CALLBACKS.revision ? withCard() : review;
      const bot = await createListeningBot({ approvals: [own], ...world });
      if (trouble) bot.disturb('writes', trouble);
      await bot.submit(callback, { feedback: 'Shorter', option: 0 }, view);
      expect(bot.acks, callback).toEqual(errors(sentence));
      expect(await bot.stored()).toMatchObject(UNTOUCHED);
    }
  });

  it('says at the field of the person that they may not decide', async () => {
    const bot = await createListeningBot({ crew: { approvers: ['UANA'] } });
    await bot.submit(CALLBACKS.assign, { assignee: 'UZOE' });
    expect(bot.acks).toEqual(errors(decide.assignee_may_not, ASSIGNEE.block));
    expect(await bot.stored()).toEqual(UNTOUCHED);
  });

  const publish = decision({ action: 'choose', option: 0, feedback: 'publish' });
  const chosen = roundIn('sending', { decision: publish });
  it.each([
    [CALLBACKS.revision, withCard(roundIn('sending')), alreadyApproved('<@UANA>')],
    [CALLBACKS.otherAnswer, reviewApproval({}, chosen), '<@UANA> already chose *publish*'],
    [CALLBACKS.revision, twoRounds(), refusals.superseded(2)],
  ])('shows in %s who was first, with the text that was typed', async (callback, of, sentence) => {
    const bot = await createListeningBot({ approvals: [of] });
    await bot.submit(callback, { feedback: 'Not before Monday', note: 'hm' });
    expect(bot.acks).toMatchObject([{ response_action: 'update', view: { title: { text: 'A title' } } }]);
    for (const text of [sentence, 'Not before Monday', 'hm'])
      expect(JSON.stringify(bot.acks)).toContain(text);
  });

  it('shows a refusal in the modal when it has no field for it', async () => {
    const delivery = { since: 0, attempts: 1, underway: true, unsure: false };
    const bot = await createListeningBot({ approvals: [withCard(roundIn('sending', { delivery }))] });
    await bot.submit(CALLBACKS.giveUp);
    expect(JSON.stringify(bot.acks)).toContain("so you can't close this now");
  });

  it('replies when Slack no longer accepts the ack', async () => {
    const bot = await createListeningBot();
    bot.fails.ack = new Error('Slack no longer waited for the ack');
    await bot.submit(CALLBACKS.revision, { feedback: '' });
    expect(bot.replies).toEqual([{ place: { user: 'UANA' }, text: refusals.feedbackMissing }]);
  });
});
