import { hash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Approval, Fact } from '../../src/approval/model/approval.ts';
import type { Decision, Question, Round } from '../../src/approval/model/round.ts';
import type { ReportOptions } from '../../src/report/write-report.ts';
import { createStage, strip, T0 } from './stage.ts';

type Told = Omit<Fact, 'seq' | 'round'>;
type Changes = Partial<Omit<Approval, 'rounds'>> & { round?: Partial<Round> };

const ANA = 'UANA12345';
const BEN = 'UBEN12345';
const [MINUTE, HOUR] = [60_000, 3_600_000];
const LABEL = hash('sha256', 'Ship it');

/** The article of an approval to which this happened after its opening. */
async function show(facts: readonly Told[], changes: Changes = {}, more: Partial<ReportOptions> = {}) {
  const stage = createStage();
  await stage.add('A1');
  await stage.tell('A1', facts, changes);
  const { page } = await stage.report(more);
  const [, rest = ''] = page.split('<article id="a-A1"');
  return strip(rest.slice(0, rest.indexOf('</article>'))).replace(/\s+/g, ' ');
}

const decision = (more: Partial<Decision> = {}): Decision => ({
  ...{ action: 'approve', feedback: '', by: ANA, at: T0 + MINUTE },
  ...more,
});
const question = (more: Partial<Question> = {}): Question => ({
  ...{ id: 'q1', digest: '', freeText: 'none' },
  ...more,
});
const decided = (more: Partial<Told> = {}): Told => ({
  ...{ what: 'decided', at: T0 + MINUTE, by: ANA, detail: 'approve', texts: 'x' },
  ...more,
});
const posted: Told = { what: 'posted', at: T0 + 1, detail: 'CAPPROVALS' };
const card = { channel: 'CAPPROVALS', ts: '1.1', shown: '' };
const asked = {
  ...{ channel: '#approvals', approvers: [ANA], approvalsRequired: 1, excludeRequester: false },
  ...{ allowGuests: false, escalateTo: [], onExpiry: 'keep', undoWindow: 0 },
};
const opened = (more: Partial<NonNullable<Fact['asked']>> = {}): Told => ({
  ...{ what: 'received', at: T0 + 1, output: 'text:0' },
  asked: { ...asked, ...more },
});

const SENTENCES: [name: string, facts: Told[], sentences: string[], changes?: Changes][] = [
  [
    'whom an opening asked, and under which rules',
    [opened(), { ...posted, at: T0 + 2 }],
    [
      `Asked: card in #approvals (CAPPROVALS); approvers ${ANA}; 1 approval needed; guests may not decide; no deadline.`,
      'its card was posted · #approvals (CAPPROVALS)',
    ],
  ],
  [
    'the other rules of an opening',
    [
      opened({
        ...{
          channel: BEN,
          approvers: [],
          approvalsRequired: 2,
          excludeRequester: true,
          requester: 'UCAT12345',
        },
        ...{ allowGuests: true, escalateTo: ['UDAN12345'], escalateAfter: HOUR, undoWindow: MINUTE },
        ...{ onExpiry: 'approve', expireAfter: 2 * HOUR },
      }),
    ],
    [
      `Asked: card in a direct message to ${BEN}; no approvers named: the members of the channel decide; 2 approvals needed; the person who started the run cannot decide (UCAT12345); guests may decide; UDAN12345 asked too after 1 h; at the deadline (after 2 h): the rule approves; can be undone for 1 min.`,
    ],
  ],
  ...(
    [
      ['keep', 'it goes on waiting'],
      ['request_revision', 'the rule requests a revision'],
      ['default', 'the rule takes the default'],
      ['a_later_rule', 'a_later_rule'],
    ] as const
  ).map(([onExpiry, words]): (typeof SENTENCES)[number] => [
    `what a deadline does: ${onExpiry}`,
    [opened({ onExpiry, expireAfter: HOUR })],
    [`at the deadline (after 1 h): ${words}`],
  ]),
  [
    'that an entry of an earlier format does not say whom it asked',
    [],
    ['This entry has an earlier format: it does not record who was asked or which rules applied.'],
  ],
  [
    'what a round showed',
    [],
    [
      'An output arrived and opened a round',
      'Agent: Writer',
      'Task: Write about spring.',
      'Expected: Three lines.',
      'The card warned of 3 invisible characters.',
      'Output · 10 characters · text:',
    ],
    {
      round: {
        agent: 'Writer',
        description: 'Write about spring.',
        expectedOutput: 'Three lines.',
        unseen: 3,
      },
    },
  ],
  [
    'the call of a tool with its arguments',
    [{ what: 'received', at: T0 + 1, output: 'text:0', detail: 'tool call' }],
    ['A tool call was requested · tool call', 'Arguments of the tool · '],
    { round: { question: question({ tool: true }) } },
  ],
  [
    'what a program asked for',
    [],
    [
      'Message: Which one?',
      'Options: Ship it · Stop',
      'Asked for values: Amount – In euros., filled in: 5 · Note (optional) · Code (hidden)',
    ],
    {
      round: {
        description: 'Which one?',
        question: question({
          options: [
            { id: 'ship', label: 'Ship it' },
            { id: 'stop', label: 'Stop' },
          ],
          fields: [
            {
              name: 'amount',
              title: 'Amount',
              kind: 'text',
              description: 'In euros.',
              required: true,
              default: '5',
            },
            { name: 'note', title: 'Note', kind: 'text' },
            { name: 'code', title: 'Code', kind: 'text', required: true, hidden: true },
          ] as NonNullable<Question['fields']>,
        }),
      },
    },
  ],
  [
    'whom a card notified',
    [posted],
    [
      `Notified by the card: ${ANA}, everyone active in the channel. As the record says: no hash covers this.`,
    ],
    { round: { card, mentioned: [ANA, 'here'] } },
  ],
  ['that a card notified nobody', [posted], ['Notified by the card: nobody.'], { round: { card } }],
  [
    'that a card in a direct message notified its person',
    [posted],
    [`Notified by the card: ${BEN}.`],
    { channel: BEN, round: { card } },
  ],
  [
    'whom a reminder reached',
    [
      { what: 'reminded', at: T0 + 1 },
      { what: 'notified', at: T0 + 2, detail: `${ANA}, ${BEN}` },
    ],
    ['a reminder was due', `a message asked people to decide Notified: ${ANA}, ${BEN}.`],
  ],
  ['that a reminder reached nobody', [{ what: 'notified', at: T0 + 2 }], ['Notified: nobody.']],
  [
    'whom an escalation asked',
    [{ what: 'escalated', at: T0 + 2, detail: BEN }],
    [`others were asked as well, or the same people again where CrewAI asked for it · ${BEN}`],
  ],
  [
    'who tried to decide, from where and why not',
    [{ what: 'refused_person', at: T0 + 2, by: BEN, origin: 'card', detail: 'not_approver' }],
    [`a person tried to act on it or to read it, and was refused · by ${BEN} (card) · not_approver`],
  ],
  [
    'that a person decided, under which rule, after which time and with whose votes',
    [opened(), decided({ at: T0 + 1 + MINUTE, votes: [BEN, ANA] })],
    [
      `the decision was made · by ${ANA} · approve Rule: a named approver, 1 min after the output. Votes of ${BEN}, ${ANA}.`,
    ],
  ],
  [
    'the right of a person named by the escalation',
    [opened({ approvers: [BEN], escalateTo: [ANA] }), decided()],
    ['Rule: named by the escalation'],
  ],
  [
    'the right of a member of the channel',
    [opened({ approvers: [] }), { ...posted, at: T0 + 2 }, decided()],
    ['Rule: a member of the channel #approvals (CAPPROVALS)'],
  ],
  [
    'the right of a member of a group',
    [opened({ approvers: ['S1234567'] }), decided()],
    ['Rule: allowed by the groups S1234567, whose members at that time are not in the history'],
  ],
  [
    'that a person was not among the approvers',
    [opened({ approvers: [BEN] }), decided()],
    ['Rule: not among the approvers that were named when the round was opened'],
  ],
  [
    'that the history does not say under which rule a person decided',
    [decided()],
    ['Rule: the history does not say under which rule'],
  ],
  [
    'that a rule decided',
    [decided({ by: undefined, rule: 'expiry' })],
    ['No person decided: the rule of the deadline did'],
  ],
  [
    'that a rule of a later version decided',
    [decided({ by: undefined, rule: 'budget' })],
    ['No person decided: the rule of the budget did', 'Nobody was shown anything.'],
  ],
  [
    'a text that was written, with what belongs to it',
    [
      decided({
        detail: 'request_revision',
        texts: hash('sha256', JSON.stringify(['Shorter.', 'Sorry.', 'New text.', '{"a":1}'])),
      }),
    ],
    [
      'request a revision',
      'Written · 8 characters · ',
      'Entered into the fields · 7 characters',
      'Note · 6 characters',
      'Text as edited by the person · 9 characters',
    ],
    {
      round: {
        decision: decision({
          action: 'request_revision',
          feedback: 'Shorter.',
          remark: 'Sorry.',
          edited: 'New text.',
          values: '{"a":1}',
        }),
      },
    },
  ],
  [
    'what the person was shown',
    [decided({ seen: { place: 'card', language: 'en', hash: 'text:1', part: { shown: 200, of: 1_000 } } })],
    ['Decided on the card, which showed 200 of 1,000 characters.'],
  ],
  [
    'that another text was shown than the one of the decision',
    [decided({ seen: { place: 'home', language: 'en', hash: 'Vq3kXW0a9fQz', changedSince: true } })],
    ['It was another text when the person decided', 'begins with Vq3kXW0a9fQz'],
  ],
  [
    'that an earlier version did not record what was shown',
    [decided({})],
    ['What the person was shown was not recorded'],
  ],
  [
    'that nothing was written',
    [decided({ texts: hash('sha256', JSON.stringify(['', null, null])) })],
    ['Without a text.'],
    { round: { decision: decision() } },
  ],
  [
    'that another text was recorded with a decision',
    [decided()],
    ['The text below is not the one that was recorded with this decision: the record was changed.'],
    { round: { decision: decision({ feedback: 'Forged.' }) } },
  ],
  [
    'that another text was recorded with a vote',
    [decided({ what: 'voted' })],
    [
      'a person voted; more votes are needed',
      'The text below is not the one that was recorded with this vote: the record was changed.',
    ],
    { round: { votes: [decision({ feedback: 'Forged.' })] } },
  ],
  [
    'that what was written was not found',
    [decided({ texts: 'f00d' })],
    ['The written text was not found: it was taken back, deleted or changed. The hash: f00d'],
  ],
  [
    'that an earlier format has no hash of what was written',
    [decided({ texts: undefined })],
    ['This entry has an earlier format: it has no hash of the written text.'],
  ],
  [
    'the option that was chosen',
    [decided({ detail: 'choose', option: { index: 0, id: 'ship', label: LABEL } })],
    [`by ${ANA} · option 1`, 'Option 1 (ship): Ship it'],
    { round: { question: question({ options: [{ id: 'ship', label: 'Ship it' }] }) } },
  ],
  [
    'the hash of an option whose text is not kept',
    [decided({ detail: 'choose', option: { index: 1, label: LABEL } })],
    [`Option 2: its text by its hash ${LABEL}`],
  ],
  ['an answer in free text', [decided({ detail: 'choose' })], ['an answer in free text']],
  [
    'a call that was allowed, and what else with it',
    [decided({ detail: 'choose, allow, the same call too' })],
    ['call allowed, the same call again, too'],
  ],
  [
    'a tool that was allowed',
    [decided({ detail: 'choose, allow, the same tool too' })],
    ['call allowed, all calls of the tool, too'],
  ],
  ['a call that was blocked', [decided({ detail: 'choose, block' })], ['call blocked']],
  ['an action of a later version', [decided({ detail: 'delegate' })], ['· delegate']],
  [
    'what was sent and what came back',
    [
      decided({ detail: 'request_revision' }),
      { what: 'attempt', at: T0 + 2 * MINUTE, detail: 'number 1' },
      {
        what: 'attempt_ended',
        at: T0 + 2 * MINUTE,
        outcome: 'accepted',
        status: 200,
        detail: 'accepted (200)',
      },
      { what: 'revision_requested', at: T0 + 2 * MINUTE },
    ],
    [
      'an attempt to send the decision began · number 1 Sent: the decision above (request a revision), with its texts.',
      'the attempt ended · answer: accepted, HTTP 200 CrewAI says: resumed.',
      'CrewAI accepted the request Received: the decision above (request a revision), with its texts.',
    ],
    {
      round: {
        decision: decision(),
        delivery: { ...{ since: T0, attempts: 1, underway: false, unsure: false }, says: 'resumed' },
      },
    },
  ],
  [
    'that an approval without a text is sent with that of the settings',
    [
      decided(),
      { what: 'attempt', at: T0 + 2 * MINUTE },
      { what: 'attempt_ended', at: T0 + 2 * MINUTE, status: 504 },
      { what: 'approved', at: T0 + 3 * MINUTE },
    ],
    [
      'Sent: the decision above (approve), with its texts. An approval without a text is sent with the approval text configured at that time, which is not in the history.',
      'the attempt ended · answer: none, HTTP 504',
      'CrewAI accepted the approval Received: the decision above (approve), with its texts.',
    ],
  ],
  [
    'that what was sent is not in the history',
    [{ what: 'attempt', at: T0 + 2 }],
    ['Sent: a decision that is not in this history.'],
  ],
  [
    'what a program has, of a question with the answers of a pause and of any other',
    [
      decided(),
      { what: 'approved', at: T0 + 2 * MINUTE, origin: 'program' },
      { what: 'revision_requested', at: T0 + 3 * MINUTE, origin: 'program' },
      { what: 'answered', at: T0 + 4 * MINUTE },
    ],
    [
      'the Flow or the program has the answer (program) Received: the decision above (approve), with its texts. 2026-01-15 12:03:00 UTC the Flow or the program has the answer (program) Received: the decision above (approve), with its texts. 2026-01-15 12:04:00 UTC the Flow or the program has the answer Received: the decision above (approve)',
    ],
  ],
  [
    'the arguments of a call that a permission let through',
    [{ what: 'call_allowed', at: T0 + 2, output: 'json:1' }],
    ['Arguments of the call · 12 characters · json:1amount: 5 €.'],
    { round: { allowedCalls: [{ id: 'q2', digest: '', at: T0 + 2, text: 'amount: 5 €.' }] } },
  ],
  [
    'that the arguments of a call are not kept',
    [{ what: 'call_allowed', at: T0 + 2, output: 'json:1' }],
    ['The arguments of this call are no longer kept. The hash: json:1'],
  ],
  [
    'the hash of texts that have no place of their own',
    [{ what: 'retried', at: T0 + 2, texts: 'f00d' }],
    ['Texts, by their hash: f00d'],
  ],
  [
    'a word that this version does not know',
    [{ what: 'teleported' as 'retried', at: T0 + 2 }],
    ['an entry with a word that this version does not know: teleported'],
  ],
  [
    'that the clock went back, and what is outside the period',
    [{ what: 'retried', at: T0 - 5 }],
    [
      'This time is earlier than the time of the previous entry: the clock was set back, or two messages arrived at the same moment.',
      'Outside the period of this report.',
    ],
  ],
  ...(
    [
      ['waiting', 'waits for a decision'],
      ['sending', 'its decision is being sent'],
      ['refused', 'the recipient rejected the decision'],
      ['undelivered', 'the decision did not arrive, or may not have arrived'],
      ['approved', 'CrewAI accepted the approval'],
      ['revision_requested', 'CrewAI accepted the request'],
      ['answered', 'the Flow or the program has the answer'],
      ['superseded', 'a newer output, or what a person entered, opened the next round'],
      ['resolved_elsewhere', 'it was decided elsewhere, or its task does not wait for a decision'],
      ['run_ended', 'its run ended first'],
      ['given_up', 'a person closed it: without a decision, or with one that was not delivered'],
      ['withdrawn', 'the program took its question back, or the bot closed it'],
    ] as const
  ).map(([status, words]): (typeof SENTENCES)[number] => [
    `how far a round is: ${status}`,
    [],
    [`crew press · run run-A1 · now: ${words} · 1 entry, the last with the hash `],
    { round: { status } },
  ]),
  [
    'that a program has not fetched an answer',
    [],
    ['now: decided; its program has not fetched the answer'],
    { round: { status: 'sending', question: question() } },
  ],
  [
    'that a program has an approval, and not that CrewAI accepted it',
    [],
    ['now: the Flow or the program has the answer'],
    { round: { status: 'approved', question: question() } },
  ],
];

describe('a timeline', () => {
  test.each(SENTENCES)('tells %s', async (_, facts, sentences, changes) => {
    const article = await show(facts, changes, { since: T0 });
    for (const sentence of sentences) expect(article).toContain(sentence);
  });

  test('says instead of each text that its reader may not read it', async () => {
    const facts = [decided(), { what: 'call_allowed', at: T0 + 2 * MINUTE, output: 'json:1' } as const];
    const article = await show(facts, { round: { decision: decision() } }, { mayRead: async () => false });
    for (const sentence of [
      'You cannot read this output: only people in its channel, and those who can decide, can. The hash: text:',
      'You do not have access to the written text. The hash: x',
      'You cannot read the arguments of this call. The hash: json:1',
    ])
      expect(article).toContain(sentence);
  });

  test('names the rounds after the first, and an approval without a task', async () => {
    const article = await show([{ ...posted, round: 2 } as Told], { task: '' });
    expect(article).toContain('its card was posted · round 2 · CAPPROVALS');
    const stage = createStage();
    await stage.add('A1', { task: '' });
    expect((await stage.report()).page).toContain('<h3><bdi>no task name</bdi></h3>');
  });
});

test('figures count what entries say was decided, not what their words look like', async () => {
  const stage = createStage();
  const calls = [
    'choose, allow',
    'choose, allow, the same call too',
    'choose, block',
    'choose',
    'request_revision',
  ];
  for (const [index, detail] of [...calls, 'choose, allowance', 'request_revision_of'].entries()) {
    await stage.add(`A${index}`);
    await stage.tell(`A${index}`, [decided({ detail })]);
  }
  const page = strip((await stage.report()).page);
  expect(page).toContain('Tool calls allowed2');
  expect(page).toContain('Tool calls blocked1');
  expect(page).toContain('Revisions requested1');
  expect(page).toContain('the same call again in its run');
});
