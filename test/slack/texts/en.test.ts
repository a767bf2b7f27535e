import { expect, it } from 'vitest';
import type { Start } from '../../../src/approval/model/run/start.ts';
import { en } from '../../../src/slack/texts/texts.ts';
import { buildRunNote, describeStart } from '../../../src/slack/views/runs/run-message.ts';
import { describeFailure, describeRunStatus } from '../../../src/slack/views/text/crewai.ts';
import { loadFeatureTexts } from '../../support/features.ts';
import { spoken } from '../../support/spoken.ts';
import { fillIn } from './fill-in.ts';

const { actions, alerts, card, crewai, forms, lists, notes, reading, refusals, runs, state } = en;
const [ANA, BEN, CAT] = ['<@UANA>', '<@UBEN>', '<@UCAT>'];
const DAY = 86_400_000;
const rejected = { crew: 'press', status: 422, answer: 'Events are missing.', count: 1 };

const COUNTED: Readonly<Record<string, (count: number) => string>> = {
  '{One approval is|# approvals are|Nothing is} waiting for you': lists.waitingForYou,
  'At least {one approval is|# approvals are} waiting for you': lists.atLeastWaitingForYou,
  '{One approval is|# approvals are} waiting for other people.': lists.waitingForOthers,
  "I can't check {one more approval|# more approvals} right now. You may be able to decide {it|them}.":
    lists.unchecked,
  '{One more is|# more are} waiting for you. Type `/approvals` to list {it|them}.': (count) =>
    lists.moreForYou(count, '`/approvals`'),
  '{One approval is waiting in press|# approvals are waiting in press, oldest first}:': (count) =>
    lists.waiting(count, false, 'press'),
  '{One approval|# approvals}': lists.approvals,
  '{One more is|# more are} not shown here.': lists.notShown,
  'Draft · waiting for {1 day|# days|less than a minute}': (count) => lists.rowWaiting('Draft', count * DAY),
  '{One more character is|# more characters are} not shown here.': reading.hiddenCharacters,
  '{One more row is|# more rows are} not shown here.': reading.hiddenRows,
  '{one paragraph|# paragraphs} unchanged': reading.unchangedParagraphs,
  'Sent to CrewAI {once|# times}': (attempts) =>
    reading.delivery({ attempts, answered: undefined, continued: undefined }),
  'The end of the output, after {one character|# characters}:': forms.outputEnd,
  'Too few people are left to decide {one waiting approval|# waiting approvals} of the crew press. Change its approvers.':
    (approvals) => alerts.too_few_deciders({ crew: 'press', approvals }),
  'Everyone who can decide has voted, but no answer has the {vote|# votes} it needs. One of you has to vote again.':
    (required) => notes.tied(undefined, required),
  '{1 more input|# more inputs}': runs.moreInputs,
  'CrewAI says that the run is in progress, 0 of {1 task|# tasks} done.': (total) =>
    crewai.running(undefined, { done: 0, total }),
};

it.each(Object.entries(COUNTED))('counts none, one and a thousand: %s', (pattern, write) => {
  expect([0, 1, 1_000].map(write)).toEqual([0, 1, 1_000].map((count) => fillIn(pattern, count)));
});

it.each([
  [0, 'less than a minute'],
  [59_999, 'less than a minute'],
  [200_000, '3 minutes'],
  [3_600_000, '1 hour'],
  [100 * 3_600_000, '4 days'],
])('writes a duration of %i ms with one unit in a list', (time, row) => {
  expect(lists.rowWaiting('Draft', time)).toBe(`Draft · waiting for ${row}`);
});

const nobody = { by: undefined, option: undefined };
const ended = { state: 'the run ended', by: undefined, at: 'today' };
const byAna = { option: undefined, by: ANA, when: 'today' };
const topic = ['*topic*'];
const since = 'today';
const subject = 'press: an output';
const begin = (sentence: string) => sentence.split(' was ')[0];
const SENTENCES: Readonly<Record<string, string | undefined>> = {
  'There is no one left who can decide this.': state.tooFewApprovers(0, 1),
  '2 people have to approve this, and only one can.': state.tooFewApprovers(1, 2),
  '2,000 people have to approve this, and only 1,000 can.': state.tooFewApprovers(1_000, 2_000),
  '0 of 2 approved.': state.approvals(0, 2, ''),
  '1 of 2 approved: <@UANA>.': state.approvals(1, 2, ANA),
  '1,000 of 1,001 approved: <@UANA>.': state.approvals(1_000, 1_001, ANA),
  '2 people have to choose the same answer.': state.votes(2, []),
  '2 people have to choose the same answer. *publish* 1 of 2: <@UANA>; another answer 2 of 2: <@UBEN>, <@UCAT>.':
    state.votes(2, [{ option: '*publish*', people: [ANA] }, { people: [BEN, CAT] }]),
  '<@UANA>, everyone who can decide has voted, but no answer has the vote it needs. One of you has to vote again.':
    notes.tied(ANA, 1),
  'Not started: CrewAI is missing the input *topic*. *Run again* asks for it.': runs.inputsMissing(topic, 0),
  'Not started: CrewAI is missing the inputs *topic* and *tone*. *Run again* asks for them.':
    runs.inputsMissing(['*topic*', '*tone*'], 0),
  'Not started: CrewAI is missing the inputs *topic* and 1,000 more. *Run again* asks for them.':
    runs.inputsMissing(topic, 1_000),
  'CrewAI says that the run is in progress, at *draft*, 1 of 1,000 tasks done.': crewai.running('*draft*', {
    done: 1,
    total: 1_000,
  }),
  'CrewAI says that the run is in progress.': crewai.running(),
  'Choose one of the first 100 of 1,000 answers': actions.chooseFirst(100, 1_000),
  '*draft*': card.inRound('*draft*', 1),
  '*draft* (round 2, unchanged)': card.inRound('*draft*', 2, true),
  'Approved by the expiry rule.': state.decided({ ...nobody, action: 'approve' }),
  'Revision requested by <@UANA> today.': state.decided({ ...byAna, action: 'request_revision' }),
  'The expiry rule chose *publish*.': state.decided({ ...nobody, action: 'choose', option: '*publish*' }),
  'The expiry rule already answered this today, so nothing more was recorded.': refusals.alreadyDecided({
    ...nobody,
    action: 'choose',
    when: 'today',
  }),
  'This was closed without a decision, so nothing was recorded.': refusals.closed(),
  'There is a newer output (round 2), so nothing was recorded. <@UANA> already approved this today.':
    refusals.superseded(2, { ...byAna, action: 'approve' }),
  'Closed without a decision by <@UANA> today.': state.closed(ANA, 'today'),
  "This answers the expiry rule's request:": card.answersRequest(),
  "The automatic decision wasn't sent because someone closed this without a decision first.": notes.notSent(
    undefined,
    'given_up',
  ),
  'This is still waiting for a decision (since today).': notes.asks.reminder({ since }),
  '<@UANA>, press: an output is still waiting for a decision (since today).': notes.asks.reminder({
    since,
    subject,
    people: ANA,
  }),
  'The deadline has passed. You can still decide.': notes.asks.expired({ since }),
  '<@UANA>, the deadline of *draft* of press has passed. You can still decide.': notes.asks.expired({
    since,
    what: '*draft* of press',
    people: ANA,
  }),
  'press: an output is waiting for your decision.': notes.asks.waiting({ since, subject }),
  'The run failed: boom.': notes.runFailed(undefined, { text: 'boom', isSentence: false }),
  'The crew finished *draft*, which needs no approval.': notes.taskDone(undefined, '*draft*'),
  'Received today': reading.received('today', undefined),
  'Round 2: the run ended': reading.round({ ...ended, number: 2, decision: undefined }),
  'output-round-2': reading.outputFile(undefined, 2),
  'Draft: waiting': lists.taskInState('Draft', 'waiting'),
  'Draft · the run ended today': lists.rowInState({ ...ended, task: 'Draft' }),
  '"linen"': lists.searched('linen', undefined),
  '<@UBEN>': lists.searched(undefined, BEN),
  '"linen" and <@UBEN>': lists.searched('linen', BEN),
  'Decisions, newest first:': lists.decisions({}),
  'No more decisions by <@UBEN> in press since Monday.': lists.noDecisions(
    { by: BEN, crew: 'press', since: 'Monday' },
    true,
  ),
  'An events webhook of the crew press': begin(alerts.webhooks_rejected({ ...rejected, webhook: 'events' })),
  'An events webhook of press': begin(alerts.webhook_too_large({ crew: 'press', webhook: 'events' })),
  'A task webhook of press': begin(alerts.webhook_too_large({ crew: 'press', webhook: 'task' })),
};

it.each(Object.entries(SENTENCES))('writes: %s', (sentence, said) => {
  expect(said).toBe(sentence);
});

it('has titles that fit into a modal', async () => {
  const parts = [forms, reading, ...Object.values(await loadFeatureTexts())];
  for (const [name, title] of parts.flatMap((part) => Object.entries(part)))
    if (/title$/i.test(name) && typeof title === 'string') expect(title.length, name).toBeLessThanOrEqual(24);
});

it.each(['boom', 'boom.', ' ', '.'])('ends each sentence around the words %j of CrewAI once', (words) => {
  const start = { by: 'UANA', crew: 'press', reason: words, status: 'not_started' } as Start;
  for (const sentence of [
    describeRunStatus(spoken(), { kind: 'failed', error: words }),
    describeRunStatus(spoken(), { kind: 'no_answer', detail: words }),
    describeFailure(spoken(), { kind: 'refused', status: 422, detail: words }),
    describeStart(spoken(), start),
    buildRunNote(spoken(), start, 'not_started', undefined, 'full').text,
  ])
    expect(sentence).toMatch(/^(?!.*(?:\.\.|[ (:]\.|\(\))).*[^ :.]\.$/);
});
