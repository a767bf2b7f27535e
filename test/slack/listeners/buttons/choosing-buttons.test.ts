import { describe, expect, it } from 'vitest';
import { DeadlineError, StoreError } from '../../../../src/lib/errors.ts';
import { targetOf, writeChoice } from '../../../../src/slack/app/button-values.ts';
import { ACTIONS, CALLBACKS, MENU, OPTION_BUTTONS } from '../../../../src/slack/app/ids.ts';
import { choose, chooseFromList, type ListArgs } from '../../../../src/slack/listeners/buttons/choose.ts';
import { chooseFromMenu, type MenuArgs } from '../../../../src/slack/listeners/buttons/more-menu.ts';
import { openOtherAnswer } from '../../../../src/slack/listeners/buttons/other-answer.ts';
import { requestRevision } from '../../../../src/slack/listeners/buttons/request-revision.ts';
import {
  NOT_OPENED,
  NOT_RECORDED,
  PERHAPS_RECORDED,
  RECORDED,
  UNKNOWN_APPROVAL,
} from '../../../../src/slack/views/text/sentences.ts';
import { drawCard, reviewApproval, text } from '../../records.ts';
import { buttonArgs, CARD, createFakes, EPHEMERAL, refused } from '../fakes.ts';

type Fakes = ReturnType<typeof createFakes>;

const FIVE = ['north', 'south', 'east', 'west', 'nowhere'];
const createReview = (options: string[] = FIVE, more: Parameters<typeof createFakes>[0] = {}) =>
  createFakes({ approval: reviewApproval({ options }, { card: { ...CARD, shown: 'old' } }), ...more });

/** What the card of the review has in its place for this id. */
function elementOf({ approval }: Fakes, id: string) {
  const [round] = approval.rounds;
  const links = { message: () => undefined, command: '/approvals' };
  const { blocks } = drawCard({ approval, round: round as never, output: text('The report') }, links, 'full');
  const elements = blocks.flatMap((block) =>
    'elements' in block ? (block.elements as { action_id: string }[]) : [],
  );
  return elements.find(({ action_id }) => action_id === id) as unknown as {
    value: string;
    options: { value: string }[];
  };
}

const selecting = (fakes: Fakes, value: string, body: object = {}) =>
  ({ ...buttonArgs(fakes, { body }), action: { selected_option: { value } } }) as unknown as ListArgs &
    MenuArgs;

describe('an option of a Flow', () => {
  it.each(OPTION_BUTTONS.map((id, option) => [id, option] as const))(
    'on button %s is recorded with the card, and acked without a reply',
    async (id, option) => {
      const fakes = createReview();
      await choose(fakes.context, buttonArgs(fakes, { value: elementOf(fakes, id).value }));
      const target = { approvalId: fakes.approval.id, round: 1, output: 'hash', card: CARD, via: 'card' };
      expect(fakes.asked).toEqual([['decide', target, 'UANA', { action: 'choose', option }]]);
      expect([fakes.acks, fakes.replies]).toEqual([[undefined], []]);
    },
  );

  it('in a list of sixty is recorded by its place, the first and the last too', async () => {
    const fakes = createReview(Array.from({ length: 60 }, (_, number) => `market ${number}`));
    const { options } = elementOf(fakes, ACTIONS.chooseFromList);
    for (const option of [0, 59]) {
      await chooseFromList(fakes.context, selecting(fakes, options[option]?.value ?? ''));
      expect(fakes.asked.at(-1)).toMatchObject(['decide', { round: 1, via: 'card' }, 'UANA', { option }]);
    }
    expect(fakes.acks).toEqual([undefined, undefined]);
  });

  it('in a message for one person is confirmed by a reply', async () => {
    const fakes = createReview();
    const { value } = elementOf(fakes, 'choose_2');
    await choose(fakes.context, buttonArgs(fakes, { value, body: EPHEMERAL }));
    expect(fakes.asked).toMatchObject([['decide', { via: 'list' }, 'UANA', { option: 1 }]]);
    expect(fakes.texts()).toEqual([RECORDED]);
  });

  it.each([
    ['the store failed', new StoreError('Down.'), NOT_RECORDED],
    ['the store was late', new DeadlineError(), NOT_RECORDED],
    ['the store lost its answer', new StoreError('Slow.', undefined, { unsure: true }), PERHAPS_RECORDED],
    [
      'the person may not decide',
      refused({ code: 'guest' }),
      "Guests and external users can't decide here. Nothing was recorded.",
    ],
    [
      'the option is not known',
      refused({ code: 'no_such_option', options: FIVE }),
      /^Decide this with one of its own options: \*north\*/,
    ],
    [
      'its host may not be called',
      refused({ code: 'answer_in_crewai', host: 'x' }),
      /^Answer this in CrewAI/,
    ],
  ])('is acked when %s, and the reply says so', async (_, answer, sentence) => {
    const fakes = createReview(FIVE, { answer });
    await choose(fakes.context, buttonArgs(fakes, { value: elementOf(fakes, 'choose_1').value }));
    expect([fakes.acks, fakes.texts()]).toEqual([[undefined], [expect.stringMatching(sentence)]]);
  });

  it.each(['x', '', '0:x', 'publish'])('with the value %j records nothing', async (value) => {
    const fakes = createReview();
    await choose(fakes.context, buttonArgs(fakes, { value }));
    await chooseFromList(fakes.context, selecting(fakes, value));
    expect([fakes.asked, fakes.acks.length]).toEqual([[], 2]);
    expect(fakes.texts()).toEqual([UNKNOWN_APPROVAL, UNKNOWN_APPROVAL]);
  });
});

describe('Other answer…', () => {
  it('acks first, then opens the modal of the round', async () => {
    const fakes = createReview();
    const { value } = elementOf(fakes, ACTIONS.otherAnswer);
    await openOtherAnswer(fakes.context, buttonArgs(fakes, { value }));
    const memory = `${fakes.approval.id}.1.hash@${fakes.clock.now()},UANA,${CARD.channel},${CARD.ts}`;
    expect(fakes.acks).toEqual([undefined]);
    expect(fakes.opened).toMatchObject([{ callback_id: CALLBACKS.otherAnswer, private_metadata: memory }]);
    expect(fakes.asked).toMatchObject([['check', { via: 'card' }, 'UANA']]);
  });

  it.each([
    ['the value is not ours', { value: 'x' }, {}, UNKNOWN_APPROVAL],
    ['the store fails', {}, { answer: new StoreError('Down.') }, NOT_RECORDED],
    ['the person may not decide', {}, { answer: refused({ code: 'guest' }) }, /^Guests and external users/],
  ])('opens nothing when %s', async (_, click, more, sentence) => {
    const fakes = createReview(FIVE, more);
    await openOtherAnswer(fakes.context, buttonArgs(fakes, click));
    expect([fakes.acks.length, fakes.opened, fakes.texts()]).toEqual([
      1,
      [],
      [expect.stringMatching(sentence)],
    ]);
  });

  it('is replied to without a modal when Slack does not open the modal', async () => {
    const fakes = createReview();
    fakes.fails.views = new Error('expired_trigger_id');
    await openOtherAnswer(fakes.context, buttonArgs(fakes));
    expect(fakes.texts()).toEqual([NOT_OPENED]);
  });
});

it('a choice with a note is asked for in a modal that offers every option', async () => {
  const fakes = createReview();
  const value = writeChoice(MENU.chooseWithNote, targetOf(fakes.approval, 1));
  await chooseFromMenu(fakes.context, selecting(fakes, value));
  expect(fakes.opened).toMatchObject([{ callback_id: CALLBACKS.chooseWithNote }]);
  for (const option of FIVE) expect(JSON.stringify(fakes.opened)).toContain(`"${option}"`);
});

describe('a revision of a review', () => {
  it.each([
    [
      'one of its options',
      reviewApproval(),
      /^Decide this with one of its own options: \*publish\*, \*rewrite\*/,
    ],
    ['a text', reviewApproval({ options: [] }), /^Answer this in your own words/],
    [
      'an answer in CrewAI',
      reviewApproval({ callbackUrl: undefined, blockedHost: 'x' }),
      /^Answer this in CrewAI/,
    ],
  ])('is not asked for: it takes %s', async (_, approval, sentence) => {
    const fakes = createFakes({ approval });
    await requestRevision(fakes.context, buttonArgs(fakes));
    expect([fakes.acks.length, fakes.opened, fakes.texts()]).toEqual([
      1,
      [],
      [expect.stringMatching(sentence)],
    ]);
  });
});
