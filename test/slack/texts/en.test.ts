import { describe, expect, it } from 'vitest';
import type { Kickoff } from '../../../src/approval/model/run/kickoff.ts';
import { drawCard } from '../../../src/slack/api/cards.ts';
import { en } from '../../../src/slack/texts/en.ts';
import { buildRunNote, describeKickoff } from '../../../src/slack/views/runs/run-message.ts';
import { describeFailure, describeRunStatus } from '../../../src/slack/views/text/crewai.ts';
import { approval, round, text } from '../records.ts';

const { refusals, card, notes, runs, crewai, actions } = en;
const ANA = '<@UANA>';

describe('a sentence about an amount', () => {
  it.each([
    [card.tooFewApprovers(0, 1), 'There is no one left who can decide this.'],
    [card.tooFewApprovers(1, 2), '2 people have to approve this, and only one can.'],
    [card.tooFewApprovers(1_000, 2_000), '2,000 people have to approve this, and only 1,000 can.'],
    [card.approvals(0, 2, ''), '0 of 2 approved.'],
    [card.approvals(1, 2, ANA), `1 of 2 approved: ${ANA}.`],
    [card.approvals(1_000, 1_001, ANA), `1,000 of 1,001 approved: ${ANA}.`],
    [card.votes(2, []), '2 people have to choose the same.'],
    [
      card.votes(2, [{ option: '*publish*', people: [ANA] }, { people: ['<@UBEN>', '<@UCAT>'] }]),
      `2 people have to choose the same. *publish* 1 of 2: ${ANA}; another answer 2 of 2: <@UBEN>, <@UCAT>.`,
    ],
    [
      notes.tied(ANA, 1),
      `${ANA}, everyone who can decide has voted, but no answer has a vote. One of you has to vote again.`,
    ],
    [
      notes.tied(undefined, 1_000),
      'Everyone who can decide has voted, but no answer has 1,000 equal votes. One of you has to vote again.',
    ],
    [runs.moreInputs(1), '1 more input'],
    [runs.moreInputs(1_000), '1,000 more inputs'],
    [
      runs.inputsMissing(['*topic*'], 0),
      'Not started: CrewAI is missing the input *topic*. *Run again* asks for it.',
    ],
    [
      runs.inputsMissing(['*topic*', '*tone*'], 0),
      'Not started: CrewAI is missing the inputs *topic* and *tone*. *Run again* asks for them.',
    ],
    [
      runs.inputsMissing(['*topic*'], 1_000),
      'Not started: CrewAI is missing the inputs *topic* and 1,000 more. *Run again* asks for them.',
    ],
    [
      crewai.running(undefined, { done: 0, total: 1 }),
      'CrewAI says that the run is in progress, 0 of 1 task done.',
    ],
    [
      crewai.running('*draft*', { done: 1, total: 1_000 }),
      'CrewAI says that the run is in progress, at *draft*, 1 of 1,000 tasks done.',
    ],
    [crewai.running(), 'CrewAI says that the run is in progress.'],
    [
      refusals.missingRound('A', 2, 1, '/approvals'),
      '`A` has one round and no round 2, so nothing was recorded. `/approvals A` shows it.',
    ],
    [
      refusals.missingRound('A', 1_001, 1_000, '/approvals'),
      '`A` has 1,000 rounds and no round 1001, so nothing was recorded. `/approvals A` shows it.',
    ],
    [actions.chooseFirst(100, 1_000), 'Choose one of the first 100 of 1,000 answers'],
    [card.inRound('*draft*', 1), '*draft*'],
    [card.inRound('*draft*', 2, true), '*draft* (round 2, unchanged)'],
  ])('%#: %s', (said, expected) => {
    expect(said).toBe(expected);
  });
});

describe('a sentence about a person', () => {
  const nobody = { by: undefined, option: undefined };

  it.each([
    [card.decided({ ...nobody, action: 'approve' }), 'Approved by the expiry rule.'],
    [
      card.decided({ action: 'request_revision', option: undefined, by: ANA, when: 'today' }),
      `Revision requested by ${ANA} today.`,
    ],
    [
      card.decided({ ...nobody, action: 'choose', option: '*publish*' }),
      '*publish* chosen by the expiry rule.',
    ],
    [
      refusals.alreadyDecided({ ...nobody, action: 'choose', when: 'today' }),
      'The expiry rule already answered this today, so nothing more was recorded.',
    ],
    [refusals.closed(), 'This was closed without a decision, so nothing was recorded.'],
    [
      refusals.superseded(2, { action: 'approve', option: undefined, by: ANA, when: 'today' }),
      `There is a newer output (round 2), so nothing was recorded. ${ANA} already approved this today.`,
    ],
    [card.closed(ANA, 'today'), `Closed without a decision by ${ANA} today.`],
    [card.answersRequest(), 'This answers the request of the expiry rule:'],
    [
      notes.notSent(undefined, 'given_up'),
      "The decision of the expiry rule wasn't sent to CrewAI: someone closed this without a decision first.",
    ],
    [notes.asks.reminder({ since: 'today' }), 'This is still waiting for a decision (since today).'],
    [
      notes.asks.reminder({ since: 'today', what: 'an output of press', people: ANA }),
      `${ANA}, an output of press is still waiting for a decision (since today).`,
    ],
    [notes.asks.expired({ since: 'today' }), 'The deadline has passed. You can still decide.'],
    [
      notes.asks.expired({ since: 'today', what: '*draft* of press', people: ANA }),
      `${ANA}, the deadline of *draft* of press has passed. You can still decide.`,
    ],
    [
      notes.asks.waiting({ since: 'today', what: 'an output of press' }),
      'An output of press is waiting for your decision.',
    ],
    [notes.runFailed(undefined, { text: 'boom', isSentence: false }), 'The run failed: boom.'],
    [notes.taskDone(undefined, '*draft*'), 'The crew finished *draft*, which needs no approval.'],
  ])('%#: %s', (said, expected) => {
    expect(said).toBe(expected);
  });
});

it('shows an output of one character, also as the title of a task without a name', () => {
  const made = round();
  const of = approval([made], { task: 'x', titleOnly: true });
  const links = { message: () => undefined, command: '/approvals' };
  const hidden = drawCard({ approval: of, round: made, output: text('x') }, links, 'full');
  expect(hidden.text).toBe('press: an output is waiting for a decision. Approve it or request a revision.');
  expect(hidden.blocks[0]).toMatchObject({ text: { text: 'An output of press is waiting for a decision.' } });
  expect(JSON.stringify(hidden.blocks)).not.toContain('Read in full');
  const shown = drawCard({ approval: of, round: made, output: text('x'), preview: true }, links, 'full');
  expect(shown.text).toBe('press: x is waiting for a decision. Approve it or request a revision. x');
  expect(shown.blocks[0]).toMatchObject({ text: { text: '*x*' } });
});

it.each(['boom', 'boom.', ' ', '.'])('ends each sentence around the words %j of CrewAI once', (words) => {
  const status = [
    { kind: 'failed', error: words },
    { kind: 'no_answer', detail: words },
  ] as const;
  const kickoff = { by: 'UANA', crew: 'press', reason: words, status: 'not_started' } as Kickoff;
  const said = [
    ...status.map((one) => describeRunStatus(one)),
    describeFailure({ kind: 'refused', status: 422, detail: words }),
    describeKickoff(kickoff),
    buildRunNote(kickoff, 'not_started', undefined, 'full').text,
  ];
  for (const sentence of said) expect(sentence).toMatch(/^(?!.*(?:\.\.|[ (:]\.|\(\))).*[^ :.]\.$/);
});
