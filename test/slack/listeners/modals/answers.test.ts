import { describe, expect, it } from 'vitest';
import { DeadlineError, StoreError } from '../../../../src/lib/errors.ts';
import { FEEDBACK } from '../../../../src/slack/app/ids.ts';
import { submitChoice } from '../../../../src/slack/listeners/modals/submit-choice.ts';
import { submitOtherAnswer } from '../../../../src/slack/listeners/modals/submit-other-answer.ts';
import {
  ANSWER_MISSING,
  CARD_FOLLOWS,
  CHOICE_NOTE_MISSING,
  NOT_RECORDED,
  PERHAPS_RECORDED,
  UNKNOWN_APPROVAL,
} from '../../../../src/slack/views/text/sentences.ts';
import { decision, reviewApproval } from '../../records.ts';
import { CARD, createFakes, refused, submission } from '../fakes.ts';

const createReview = (more: Parameters<typeof createFakes>[0] = {}) =>
  createFakes({ approval: reviewApproval({}, { card: { ...CARD, shown: 'old' } }), ...more });

describe('a submission', () => {
  it.each([
    ['Choose with a note', submitChoice, { action: 'choose', option: 2, note: ' As agreed. ' }],
    ['Other answer', submitOtherAnswer, { action: 'choose', feedback: ' As agreed. ', note: 'For us' }],
  ])('of %s is recorded with all that was entered, and closes the modal', async (_, listener, given) => {
    const fakes = createReview();
    await listener(
      fakes.context,
      submission(fakes, { feedback: ' As agreed. ', note: ' For us ', option: 2 }),
    );
    const target = { approvalId: fakes.approval.id, round: 1, output: 'hash', via: 'modal' };
    expect(fakes.asked).toEqual([['decide', target, 'UANA', given]]);
    expect([fakes.acks, fakes.replies]).toEqual([[undefined], []]);
  });

  it('is replied to beside the card when the card does not show it in time', async () => {
    const fakes = createReview();
    await submitOtherAnswer(fakes.context, submission(fakes, { feedback: 'Later' }));
    await fakes.clock.advance(2_000);
    expect(fakes.replies).toMatchObject([
      { place: { user: 'UANA', channel: CARD.channel }, text: CARD_FOLLOWS },
    ]);
  });
});

describe('a modal stays open with its text, and says at the field', () => {
  const errors = (sentence: string) => [
    { response_action: 'errors', errors: { [FEEDBACK.block]: expect.stringContaining(sentence) } },
  ];

  it.each([
    ['an answer', submitOtherAnswer, ANSWER_MISSING],
    ['a note', submitChoice, CHOICE_NOTE_MISSING],
  ])('that %s is missing', async (_, listener, sentence) => {
    for (const feedback of ['', ' \n', '\u200b']) {
      const fakes = createReview();
      await listener(fakes.context, submission(fakes, { feedback, option: 0 }));
      expect([fakes.acks, fakes.asked]).toEqual([errors(sentence), []]);
    }
  });

  it.each([
    ['the store failed', { answer: new StoreError('Down.') }, {}, NOT_RECORDED],
    ['the store was late', { answer: new DeadlineError() }, {}, NOT_RECORDED],
    [
      'the store lost its answer',
      { answer: new StoreError('Slow.', undefined, { unsure: true }) },
      {},
      PERHAPS_RECORDED,
    ],
    ['the approval is not known', {}, { target: 'x' }, UNKNOWN_APPROVAL],
    [
      'the person may not decide',
      { answer: refused({ code: 'not_approver' }) },
      {},
      "You're not an approver of this crew",
    ],
    [
      'its host may not be called',
      { answer: refused({ code: 'answer_in_crewai', host: 'x' }) },
      {},
      'Answer this in CrewAI',
    ],
  ])('that %s', async (_, world, entered, sentence) => {
    for (const listener of [submitChoice, submitOtherAnswer]) {
      const fakes = createReview(world);
      await listener(fakes.context, submission(fakes, { feedback: 'Later', option: 0, ...entered }));
      expect(fakes.acks).toEqual(errors(sentence));
    }
  });
});

it('a modal shows whose answer came first, with the text that was typed', async () => {
  const chosen = decision({ action: 'choose', option: 0, feedback: 'publish' });
  for (const listener of [submitChoice, submitOtherAnswer]) {
    const fakes = createReview({ answer: refused({ code: 'already_decided', round: 1, decision: chosen }) });
    await listener(fakes.context, submission(fakes, { feedback: 'Not before Monday', option: 1 }));
    expect(fakes.acks).toMatchObject([{ response_action: 'update', view: { title: { text: 'A title' } } }]);
    for (const text of ['<@UANA> already chose *publish*', 'Not before Monday'])
      expect(JSON.stringify(fakes.acks)).toContain(text);
  }
});

it('a person is replied to when Slack no longer takes the answer of a modal', async () => {
  const fakes = createReview();
  fakes.fails.ack = new Error('Slack no longer waited for the ack');
  await submitOtherAnswer(fakes.context, submission(fakes, { feedback: '' }));
  expect(fakes.replies).toEqual([{ place: { user: 'UANA' }, text: ANSWER_MISSING }]);
});
