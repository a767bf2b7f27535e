import { describe, expect, test } from 'vitest';
import { en, type Texts } from '../../../src/slack/texts/en.ts';

const { alerts, forms, lists, reading }: Texts = en;
const COUNTS = [0, 1, 1_000];

/** Sentences about a number of things: of none, one and a thousand. */
const COUNTED: Readonly<Record<string, [(count: number) => string, string[]]>> = {
  'approvals that wait for a person': [
    lists.waitingForYou,
    ['Nothing is waiting for you', 'One approval is waiting for you', '1,000 approvals are waiting for you'],
  ],
  'approvals, where more may wait': [
    lists.atLeastWaitingForYou,
    [
      'At least 0 approvals are waiting for you',
      'At least one approval is waiting for you',
      'At least 1,000 approvals are waiting for you',
    ],
  ],
  'approvals of other people': [
    lists.waitingForOthers,
    [
      '0 approvals are waiting for other people.',
      'One approval is waiting for other people.',
      '1,000 approvals are waiting for other people.',
    ],
  ],
  'approvals that cannot be checked': [
    lists.unchecked,
    [
      "I can't check 0 more approvals right now. You may be able to decide them.",
      "I can't check one more approval right now. You may be able to decide it.",
      "I can't check 1,000 more approvals right now. You may be able to decide them.",
    ],
  ],
  'more approvals than the Home tab shows': [
    (count) => lists.moreForYou(count, '`/approvals`'),
    [
      '0 more are waiting for you. Type `/approvals` to list them.',
      'One more is waiting for you. Type `/approvals` to list it.',
      '1,000 more are waiting for you. Type `/approvals` to list them.',
    ],
  ],
  'waiting approvals of a crew': [
    (count) => lists.waiting(count, false, 'press'),
    [
      '0 approvals are waiting in press, oldest first:',
      'One approval is waiting in press:',
      '1,000 approvals are waiting in press, oldest first:',
    ],
  ],
  'found approvals': [lists.approvals, ['0 approvals', 'One approval', '1,000 approvals']],
  'approvals without room': [
    lists.notShown,
    ['0 more are not shown here.', 'One more is not shown here.', '1,000 more are not shown here.'],
  ],
  'days that an approval waits': [
    (count) => lists.rowWaiting('Draft', count * 86_400_000),
    ['Draft · waiting for less than a minute', 'Draft · waiting for 1 day', 'Draft · waiting for 1,000 days'],
  ],
  'decisions in a period': [
    (count) => lists.summary({ count, more: false }, { count, since: 'Monday' }),
    [
      '0 waiting now · 0 decisions since Monday',
      '1 waiting now · 1 decision since Monday',
      '1,000 waiting now · 1,000 decisions since Monday',
    ],
  ],
  'revisions of approvals': [
    (count) => lists.revisions(0.5, count),
    [
      'Revisions per approval: *0.50* (0 approvals)',
      'Revisions per approval: *0.50* (1 approval)',
      'Revisions per approval: *0.50* (1,000 approvals)',
    ],
  ],
  'started runs': [
    lists.startedRuns,
    ['Started from Slack: *0 runs*', 'Started from Slack: *1 run*', 'Started from Slack: *1,000 runs*'],
  ],
  'hidden characters': [
    reading.hiddenCharacters,
    [
      '0 more characters are not shown here.',
      'One more character is not shown here.',
      '1,000 more characters are not shown here.',
    ],
  ],
  'hidden rows': [
    reading.hiddenRows,
    [
      '0 more rows are not shown here.',
      'One more row is not shown here.',
      '1,000 more rows are not shown here.',
    ],
  ],
  'unchanged paragraphs': [
    reading.unchangedParagraphs,
    ['0 paragraphs unchanged', 'one paragraph unchanged', '1,000 paragraphs unchanged'],
  ],
  attempts: [
    (attempts) => reading.delivery({ attempts, answered: undefined, continued: undefined }),
    ['Sent to CrewAI 0 times', 'Sent to CrewAI once', 'Sent to CrewAI 1,000 times'],
  ],
  'characters before the end of an output': [
    forms.outputEnd,
    [
      'The end of the output, after 0 characters:',
      'The end of the output, after one character:',
      'The end of the output, after 1,000 characters:',
    ],
  ],
  'approvals that too few people can decide': [
    (approvals) => alerts.too_few_deciders({ crew: 'press', approvals }),
    [
      'Too few people are left to decide 0 waiting approvals of the crew press. Change its approvers.',
      'Too few people are left to decide one waiting approval of the crew press. Change its approvers.',
      'Too few people are left to decide 1,000 waiting approvals of the crew press. Change its approvers.',
    ],
  ],
};

test.each(Object.entries(COUNTED))(
  'a sentence about %s fits none, one and a thousand',
  (_, [write, said]) => {
    expect(COUNTS.map(write)).toEqual(said);
  },
);

test.each([
  [0, 'less than a minute', '0 sec'],
  [59_999, 'less than a minute', '59 sec'],
  [200_000, '3 minutes', '3 min 20 sec'],
  [3_600_000, '1 hour', '1 hr'],
  [100 * 3_600_000, '4 days', '4 days 4 hr'],
])('a duration of %i ms has its largest unit in a list, and two units in figures', (time, row, figure) => {
  expect(lists.rowWaiting('Draft', time)).toBe(`Draft · waiting for ${row}`);
  expect(lists.figures('Ana', 1, time, time)).toBe(
    `Ana: 1 decision, median ${figure}, 90th percentile ${figure}`,
  );
});

describe('a sentence without a name, a person or a time', () => {
  test('names no agent that is not known', () => {
    expect(reading.received('today', undefined)).toBe('Received today');
  });

  test('tells the state alone', () => {
    expect(lists.taskInState('Draft', 'waiting')).toBe('Draft: waiting');
    expect(lists.rowInState({ task: 'Draft', state: 'the run ended', by: undefined, at: 'today' })).toBe(
      'Draft · the run ended today',
    );
    const round = { number: 2, state: 'the run ended', by: undefined, at: 'today', decision: undefined };
    expect(reading.round(round)).toBe('Round 2: the run ended');
  });

  test('names what it knows of a search and of decisions', () => {
    expect(lists.searched('linen', undefined)).toBe('"linen"');
    expect(lists.searched(undefined, '<@UBEN>')).toBe('<@UBEN>');
    expect(lists.searched('linen', '<@UBEN>')).toBe('"linen" and <@UBEN>');
    expect(lists.decisions({})).toBe('Decisions, newest first:');
    expect(lists.noDecisions({ by: '<@UBEN>', crew: 'press', since: 'Monday' }, true)).toBe(
      'No more decisions by <@UBEN> in press since Monday.',
    );
  });

  test('names a file after its round where its task must not be told', () => {
    expect(reading.outputFile(undefined, 2)).toBe('output-round-2');
  });
});

test('the kind of a webhook has its article', () => {
  const fields = { crew: 'press', status: 422, answer: 'events must be a list.', count: 1 };
  expect(alerts.webhooks_rejected({ ...fields, webhook: 'events' })).toMatch(
    /^An events webhook of the crew/,
  );
  expect(alerts.webhook_too_large({ crew: 'press', webhook: 'events' })).toMatch(
    /^An events webhook of press/,
  );
  expect(alerts.webhook_too_large({ crew: 'press', webhook: 'task' })).toMatch(/^A task webhook of press/);
});

test('titles fit into a modal, labels into a button', () => {
  const titles = [
    ...Object.entries(forms).filter(([name]) => name.endsWith('Title')),
    ...Object.entries(reading).filter(([name, text]) => name.endsWith('Title') && typeof text === 'string'),
  ];
  for (const [name, title] of titles) expect((title as string).length, name).toBeLessThanOrEqual(24);
});
