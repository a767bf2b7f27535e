import { describe, expect, it } from 'vitest';
import type { Kickoff } from '../../../src/approval/model/run/kickoff.ts';
import { en } from '../../../src/slack/texts/en.ts';
import { buildRunNote, describeKickoff } from '../../../src/slack/views/runs/run-message.ts';
import { describeFailure, describeRunStatus } from '../../../src/slack/views/text/crewai.ts';

const { actions, alerts, card, crewai, forms, lists, notes, reading, refusals, runs } = en;
const [ANA, BEN, CAT] = ['<@UANA>', '<@UBEN>', '<@UCAT>'];
const DAY = 86_400_000;
const rejected = { crew: 'press', status: 422, answer: 'Events are missing.', count: 1 };

/** A sentence with `{words for one|words for others|words for none}`; `#` is the number. */
function fillIn(pattern: string, count: number): string {
  const choose = (_: string, words: string) => {
    const [one = '', others = '', none = others] = words.split('|');
    return count === 1 ? one : count === 0 ? none : others;
  };
  return pattern.replace(/\{(.*?)\}/g, choose).replaceAll('#', count === 0 ? '0' : '1,000');
}

it.each<[string, (count: number) => string]>([
  ['{One approval is|# approvals are|Nothing is} waiting for you', lists.waitingForYou],
  ['At least {one approval is|# approvals are} waiting for you', lists.atLeastWaitingForYou],
  ['{One approval is|# approvals are} waiting for other people.', lists.waitingForOthers],
  [
    "I can't check {one more approval|# more approvals} right now. You may be able to decide {it|them}.",
    lists.unchecked,
  ],
  [
    '{One more is|# more are} waiting for you. Type `/approvals` to list {it|them}.',
    (count) => lists.moreForYou(count, '`/approvals`'),
  ],
  [
    '{One approval is waiting in press|# approvals are waiting in press, oldest first}:',
    (count) => lists.waiting(count, false, 'press'),
  ],
  ['{One approval|# approvals}', lists.approvals],
  ['{One more is|# more are} not shown here.', lists.notShown],
  [
    'Draft · waiting for {1 day|# days|less than a minute}',
    (count) => lists.rowWaiting('Draft', count * DAY),
  ],
  [
    '{1|#} waiting now · {1 decision|# decisions} since Monday',
    (count) => lists.summary({ count, more: false }, { count, since: 'Monday' }),
  ],
  ['Revisions per approval: *0.50* ({1 approval|# approvals})', (count) => lists.revisions(0.5, count)],
  ['Started from Slack: *{1 run|# runs}*', lists.startedRuns],
  ['{One more character is|# more characters are} not shown here.', reading.hiddenCharacters],
  ['{One more row is|# more rows are} not shown here.', reading.hiddenRows],
  ['{one paragraph|# paragraphs} unchanged', reading.unchangedParagraphs],
  [
    'Sent to CrewAI {once|# times}',
    (attempts) => reading.delivery({ attempts, answered: undefined, continued: undefined }),
  ],
  ['The end of the output, after {one character|# characters}:', forms.outputEnd],
  [
    'Too few people are left to decide {one waiting approval|# waiting approvals} of the crew press. Change its approvers.',
    (approvals) => alerts.too_few_deciders({ crew: 'press', approvals }),
  ],
  [
    'Everyone who can decide has voted, but no answer has {a vote|# equal votes}. One of you has to vote again.',
    (required) => notes.tied(undefined, required),
  ],
  ['{1 more input|# more inputs}', runs.moreInputs],
  [
    '`A` has {one round|# rounds} and no round 1001, so nothing was recorded. `/approvals A` shows it.',
    (newest) => refusals.missingRound('A', 1_001, newest, '/approvals'),
  ],
  [
    'CrewAI says that the run is in progress, 0 of {1 task|# tasks} done.',
    (total) => crewai.running(undefined, { done: 0, total }),
  ],
])('counts none, one and a thousand: %s', (pattern, write) => {
  expect([0, 1, 1_000].map(write)).toEqual([0, 1, 1_000].map((count) => fillIn(pattern, count)));
});

it.each([
  [0, 'less than a minute', '0 sec'],
  [59_999, 'less than a minute', '59 sec'],
  [200_000, '3 minutes', '3 min 20 sec'],
  [3_600_000, '1 hour', '1 hr'],
  [100 * 3_600_000, '4 days', '4 days 4 hr'],
])('writes a duration of %i ms with one unit in a list, and with two in figures', (time, row, figure) => {
  expect(lists.rowWaiting('Draft', time)).toBe(`Draft · waiting for ${row}`);
  const figures = `Ana: 1 decision, median ${figure}, 90th percentile ${figure}`;
  expect(lists.figures('Ana', 1, time, time)).toBe(figures);
});

const nobody = { by: undefined, option: undefined };
const ended = { state: 'the run ended', by: undefined, at: 'today' };
const boom = { text: 'boom', isSentence: false };

describe('a sentence', () => {
  it.each([
    [card.tooFewApprovers(0, 1), 'There is no one left who can decide this.'],
    [card.tooFewApprovers(1, 2), '2 people have to approve this, and only one can.'],
    [card.tooFewApprovers(1_000, 2_000), '2,000 people have to approve this, and only 1,000 can.'],
    [card.approvals(0, 2, ''), '0 of 2 approved.'],
    [card.approvals(1, 2, ANA), `1 of 2 approved: ${ANA}.`],
    [card.approvals(1_000, 1_001, ANA), `1,000 of 1,001 approved: ${ANA}.`],
    [card.votes(2, []), '2 people have to choose the same.'],
    [
      card.votes(2, [{ option: '*publish*', people: [ANA] }, { people: [BEN, CAT] }]),
      `2 people have to choose the same. *publish* 1 of 2: ${ANA}; another answer 2 of 2: ${BEN}, ${CAT}.`,
    ],
    [
      notes.tied(ANA, 1),
      `${ANA}, everyone who can decide has voted, but no answer has a vote. One of you has to vote again.`,
    ],
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
      crewai.running('*draft*', { done: 1, total: 1_000 }),
      'CrewAI says that the run is in progress, at *draft*, 1 of 1,000 tasks done.',
    ],
    [crewai.running(), 'CrewAI says that the run is in progress.'],
    [actions.chooseFirst(100, 1_000), 'Choose one of the first 100 of 1,000 answers'],
    [card.inRound('*draft*', 1), '*draft*'],
    [card.inRound('*draft*', 2, true), '*draft* (round 2, unchanged)'],
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
    [notes.runFailed(undefined, boom), 'The run failed: boom.'],
    [notes.taskDone(undefined, '*draft*'), 'The crew finished *draft*, which needs no approval.'],
    [reading.received('today', undefined), 'Received today'],
    [reading.round({ ...ended, number: 2, decision: undefined }), 'Round 2: the run ended'],
    [reading.outputFile(undefined, 2), 'output-round-2'],
    [lists.taskInState('Draft', 'waiting'), 'Draft: waiting'],
    [lists.rowInState({ ...ended, task: 'Draft' }), 'Draft · the run ended today'],
    [lists.searched('linen', undefined), '"linen"'],
    [lists.searched(undefined, BEN), BEN],
    [lists.searched('linen', BEN), `"linen" and ${BEN}`],
    [lists.decisions({}), 'Decisions, newest first:'],
    [
      lists.noDecisions({ by: BEN, crew: 'press', since: 'Monday' }, true),
      `No more decisions by ${BEN} in press since Monday.`,
    ],
    [
      alerts.webhooks_rejected({ ...rejected, webhook: 'events' }),
      expect.stringMatching(/^An events webhook of the crew/),
    ],
    [
      alerts.webhook_too_large({ crew: 'press', webhook: 'events' }),
      expect.stringMatching(/^An events webhook of press/),
    ],
    [
      alerts.webhook_too_large({ crew: 'press', webhook: 'task' }),
      expect.stringMatching(/^A task webhook of press/),
    ],
  ])('is written for its values (%#): %s', (said, expected) => {
    expect(said).toEqual(expected);
  });
});

it('has titles that fit into a modal', () => {
  for (const [name, title] of [...Object.entries(forms), ...Object.entries(reading)])
    if (name.endsWith('Title') && typeof title === 'string')
      expect(title.length, name).toBeLessThanOrEqual(24);
});

it.each(['boom', 'boom.', ' ', '.'])('ends each sentence around the words %j of CrewAI once', (words) => {
  const kickoff = { by: 'UANA', crew: 'press', reason: words, status: 'not_started' } as Kickoff;
  for (const sentence of [
    describeRunStatus({ kind: 'failed', error: words }),
    describeRunStatus({ kind: 'no_answer', detail: words }),
    describeFailure({ kind: 'refused', status: 422, detail: words }),
    describeKickoff(kickoff),
    buildRunNote(kickoff, 'not_started', undefined, 'full').text,
  ])
    expect(sentence).toMatch(/^(?!.*(?:\.\.|[ (:]\.|\(\))).*[^ :.]\.$/);
});
