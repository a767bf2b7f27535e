import { describe, expect, it } from 'vitest';
import { StoreError } from '../../../../src/lib/errors.ts';
import { ASSIGNEE, FEEDBACK } from '../../../../src/slack/app/ids.ts';
import { submitApproval } from '../../../../src/slack/listeners/modals/submit-approval.ts';
import { submitAssignee } from '../../../../src/slack/listeners/modals/submit-assignee.ts';
import { submitGiveUp } from '../../../../src/slack/listeners/modals/submit-give-up.ts';
import { submitRevision } from '../../../../src/slack/listeners/modals/submit-revision.ts';
import {
  ASSIGNEE_MAY_NOT,
  CARD_FOLLOWS,
  FEEDBACK_MISSING,
  NOT_RECORDED,
  NOTE_MISSING,
  UNKNOWN_APPROVAL,
} from '../../../../src/slack/views/text/sentences.ts';
import { decision } from '../../records.ts';
import { CARD, createFakes, refused, submission } from '../fakes.ts';

describe('a submission', () => {
  it.each([
    [
      'Request revision',
      submitRevision,
      'decide',
      { action: 'request_revision', feedback: 'Shorter', note: 'hm' },
    ],
    ['Approve with a note', submitApproval, 'decide', { action: 'approve', feedback: 'Shorter', note: 'hm' }],
    ['Assign to…', submitAssignee, 'assign', 'UBEN'],
  ] as const)(
    'of %s is recorded with all that was entered, and closes the modal',
    async (_, listener, what, given) => {
      const fakes = createFakes();
      const args = submission(fakes, { feedback: 'Shorter', note: ' hm ', assignee: 'UBEN' });
      await listener(fakes.context, args);
      const target = { approvalId: fakes.approval.id, round: 1, output: 'hash', via: 'modal' };
      expect(fakes.asked).toEqual([[what, target, 'UANA', given]]);
      expect([fakes.acks, fakes.replies]).toEqual([[undefined], []]);
    },
  );

  it('of Close without a decision is recorded', async () => {
    const fakes = createFakes();
    await submitGiveUp(fakes.context, submission(fakes));
    expect(fakes.asked).toMatchObject([['giveUp', { round: 1, via: 'modal' }, 'UANA']]);
  });

  it('of a note that CrewAI does not get is recorded for people only', async () => {
    const fakes = createFakes();
    await submitApproval(fakes.context, submission(fakes, { feedback: 'Fine' }));
    expect(fakes.asked.at(0)?.at(3)).toEqual({ action: 'approve', note: 'Fine' });
  });

  it('is replied to beside the card when the card does not show it in time', async () => {
    const fakes = createFakes();
    await submitGiveUp(fakes.context, submission(fakes));
    await fakes.clock.advance(2_000);
    const place = { user: 'UANA', channel: CARD.channel, threadTs: undefined };
    expect(fakes.replies).toEqual([{ place, text: CARD_FOLLOWS }]);
  });
});

describe('a modal stays open with its text, and says at the field', () => {
  const errors = (sentence: string, block: string = FEEDBACK.block) => [
    { response_action: 'errors', errors: { [block]: sentence } },
  ];

  it.each([
    ['feedback', submitRevision, FEEDBACK_MISSING],
    ['a note', submitApproval, NOTE_MISSING],
  ])('that %s is missing', async (_, listener, sentence) => {
    const fakes = createFakes();
    await listener(fakes.context, submission(fakes, { feedback: ' \n' }));
    expect([fakes.acks, fakes.asked]).toEqual([errors(sentence), []]);
  });

  it.each([
    ['the store failed', { answer: new StoreError('Down.') }, {}, NOT_RECORDED],
    ['the approval is not known', {}, { target: 'x' }, UNKNOWN_APPROVAL],
    [
      'the person may not decide',
      { answer: refused({ code: 'guest' }) },
      {},
      "Guests and external users can't decide here. Nothing was recorded.",
    ],
  ])('that %s', async (_, world, entered, sentence) => {
    const fakes = createFakes(world);
    await submitRevision(fakes.context, submission(fakes, { feedback: 'Shorter', ...entered }));
    expect(fakes.acks).toEqual(errors(sentence));
  });

  it('of the person that they may not decide', async () => {
    const fakes = createFakes({ answer: refused({ code: 'assignee_may_not', to: 'UZOE' }) });
    await submitAssignee(fakes.context, submission(fakes, { assignee: 'UZOE' }));
    expect(fakes.acks).toEqual(errors(ASSIGNEE_MAY_NOT, ASSIGNEE.block));
  });
});

describe('a modal shows instead of its fields', () => {
  it('whose decision came first, with the text that was typed', async () => {
    const fakes = createFakes({
      answer: refused({ code: 'already_decided', round: 1, decision: decision() }),
    });
    await submitRevision(fakes.context, submission(fakes, { feedback: 'Shorter', note: 'hm' }));
    expect(fakes.acks).toMatchObject([{ response_action: 'update', view: { title: { text: 'A title' } } }]);
    for (const text of ['<@UANA> already approved this', 'Shorter', 'hm'])
      expect(JSON.stringify(fakes.acks)).toContain(text);
  });

  it('a refusal when it has no field for it', async () => {
    const fakes = createFakes({ answer: refused({ code: 'on_its_way' }) });
    await submitGiveUp(fakes.context, submission(fakes));
    expect(JSON.stringify(fakes.acks)).toContain("so you can't close this now");
  });
});

it('a person is replied to when Slack no longer takes the answer of a modal', async () => {
  const fakes = createFakes();
  fakes.fails.ack = new Error('Slack no longer waited for the ack');
  await submitRevision(fakes.context, submission(fakes, { feedback: '' }));
  expect(fakes.replies).toEqual([{ place: { user: 'UANA' }, text: FEEDBACK_MISSING }]);
});
