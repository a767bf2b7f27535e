import { type Approval, type Note, type Round, roundStatuses } from '../../src/approval/approval.ts';
import { type Output, readOutput } from '../../src/approval/output.ts';
import { DEFAULT_POLICY } from '../../src/approval/task-rules.ts';
import { campaignReport } from '../../src/sandbox/demo/campaign-report.ts';
import type { Reader } from '../../src/sandbox/page/reader.ts';
import { messageHtml, viewHtml } from '../../src/sandbox/page/views-html.ts';
import { cardView } from '../../src/slack/views/card.ts';
import {
  approveModal,
  assignModal,
  giveUpModal,
  notDoneModal,
  revisionModal,
} from '../../src/slack/views/decision-modals.ts';
import { section } from '../../src/slack/views/elements.ts';
import { homeView } from '../../src/slack/views/home.ts';
import { approvalView, listView } from '../../src/slack/views/look-up.ts';
import { noteView } from '../../src/slack/views/note.ts';
import type { CardForm } from '../../src/slack/views/output.ts';
import { changesModal, outputModal } from '../../src/slack/views/reading-modal.ts';
import { refusalSentence } from '../../src/slack/views/sentences.ts';
import { AT, approval as anApproval, round as aRound, decision, roundIn } from '../slack/records.ts';

const PEOPLE: Record<string, string> = { UANA: 'Ana', UBEN: 'Ben', UCAT: 'Cat', SEDITORS: 'editors' };
const reader: Reader = {
  names: (id) => PEOPLE[id] ?? id,
  people: Object.entries(PEOPLE).map(([id, name]) => ({ id, name })),
  href: (url) => url,
  errors: {},
  picture: () => undefined,
};
const links = {
  message: ({ ts }: { ts: string }) => `https://acme.slack.com/archives/CAPPROVALS/p${ts}`,
  command: '/approvals',
};

const release = readOutput(
  `# Spring collection in recycled linen\n\n**Lisbon, 3 March.** Our spring collection is made from *recycled linen*, woven in Guimarães.\n\n- 14 pieces, from shirts to a trench coat\n- prices from 79 €\n- in shops on 20 March\n\n> "We wanted linen to feel new again", says Inês Rocha, head of design.\n\nMore at [the press room](https://example.com/press).`,
);
const shorter = readOutput(
  `# Spring collection in recycled linen\n\n**Lisbon, 3 March.** Our spring collection is recycled linen, woven in Guimarães.\n\n- 14 pieces, from shirts to a trench coat\n- prices from 69 €\n- in shops on 20 March\n\nMore at [the press room](https://example.com/press).`,
);
const report = readOutput(campaignReport(undefined));
const long = readOutput(
  Array.from(
    { length: 60 },
    (_, n) =>
      `## Chapter ${n + 1}\n\n${'The market for linen has grown in each of the last five years. '.repeat(6)}`,
  ).join('\n\n'),
);
const budget = readOutput({ title: 'Launch budget', total_eur: 18500, approved: false, owner: 'Marketing' });
const rows = readOutput([
  { item: 'Photographer', days: 2, eur: 2400 },
  { item: 'Studio', days: 2, eur: 1800 },
  { item: 'Models', days: 1, eur: 3200 },
]);

const urls = {
  task: { url: 'https://bot.example.com/webhooks/press/task?token=x', from: 'bot' as const },
  crew: { url: 'https://bot.example.com/webhooks/press/crew?token=x', from: 'bot' as const },
};
const head = {
  task: 'draft_press_release',
  crew: 'press',
  executionId: '97eb0c2a-3f1b-4a8f-9a41-0d6f5a2f7f11',
  urls,
};
const card = { channel: 'CAPPROVALS', ts: '1700000000.000100', shown: '' };
const seen = { agent: 'Copywriter', expectedOutput: 'A press release of 300 to 400 words in Markdown', card };

const round = (more: Partial<Round> = {}) => aRound({ ...seen, ...more });
const SECOND_ID = 'BCDEFGHJKM';
const of = (rounds: Round[], more: Partial<Approval> = {}) => anApproval(rounds, { ...head, ...more });

function shown(
  rounds: Round[],
  output: Output = release,
  more: Partial<Approval> = {},
  { number = rounds.length, form = 'full' }: { number?: number; form?: CardForm } = {},
): string {
  const approval = of(rounds, more);
  const content = { approval, round: approval.rounds[number - 1] as Round, output };
  return messageHtml(cardView(content, links, form), reader);
}

/** What only one person sees, below the card that they clicked on. */
function told(sentence: string): string {
  return messageHtml({ text: sentence, blocks: [section(sentence)] }, reader);
}

const asked = roundIn('revision_requested', {
  ...seen,
  wentOnAt: AT,
  decision: decision({
    action: 'request_revision',
    feedback: 'Shorter, and the price of the shirt is 69 €.',
    by: 'UBEN',
  }),
});
const byRule = decision({
  action: 'request_revision',
  rule: 'expiry',
  by: '',
  feedback: 'Please try again',
});
const two = [asked, round({ number: 2, card: { ...card, ts: '1700000000.000200' } })];
const failed = {
  since: AT,
  attempts: 3,
  underway: false,
  unsure: false,
  failure: { kind: 'refused' as const, status: 401 },
};

const states = Object.fromEntries(
  roundStatuses.map((status) => {
    const delivery = status === 'refused' || status === 'undelivered' ? { delivery: failed } : {};
    return [`card ${status}`, shown([roundIn(status, { ...seen, ...delivery })])];
  }),
);

const notes: Note[] = [
  { kind: 'assigned', round: 1, by: 'UANA', to: 'UBEN' },
  { kind: 'for_people', by: 'UBEN', text: 'The CEO wants to see this before Friday.' },
  { kind: 'reminder', round: 1 },
  { kind: 'escalated', round: 1, to: ['UCAT', 'SEDITORS'] },
  { kind: 'expired', round: 1 },
  {
    kind: 'run_silent',
    decision: decision(),
    since: AT,
    status: { kind: 'running', task: 'research', completed: 1, total: 3 },
  },
  { kind: 'not_delivered', decision: decision(), failure: { kind: 'refused', status: 404 }, unsure: false },
  { kind: 'run_result' },
];

/** Every state of the card, the modals, the notes and the home tab, drawn from the payloads that Slack gets. */
export const scenes: Readonly<Record<string, string>> = {
  ...states,
  'card waiting, attended': shown(
    [
      round({
        votes: [decision()],
        claim: { by: 'UBEN', until: AT },
        assignee: 'UCAT',
        expiredAt: AT,
        mayHaveGoneOn: true,
      }),
    ],
    release,
    { policy: { ...DEFAULT_POLICY, approvalsRequired: 2 } },
  ),
  'card sending, undo': shown([
    roundIn('sending', {
      ...seen,
      delivery: { since: AT, attempts: 0, underway: false, unsure: false, undoUntil: AT },
    }),
  ]),
  'card of round 2': shown(two, shorter),
  'card of an object': shown([round()], budget),
  'card of rows': shown([round()], rows),
  'card of a long output': shown([round()], long),
  'card in its plain form': shown([round()], release, {}, { form: 'plain' }),
  'card in its bare form': shown([round()], release, {}, { form: 'bare' }),
  'card decided by a rule': shown([
    roundIn('approved', { ...seen, wentOnAt: AT, decision: decision({ rule: 'expiry', by: '' }) }),
  ]),
  'card of an expired approval that the rule left to people': shown(
    [
      ...[1, 2, 3].map((number) => ({ ...asked, number, decision: byRule })),
      round({ number: 4, expiredAt: AT }),
    ],
    shorter,
  ),
  'card closed, with a link to the current one': shown(
    [roundIn('superseded', { ...seen, settledAt: AT }), ...two.slice(1)],
    release,
    {},
    { number: 1 },
  ),
  'card of a run that would go silent': shown([round()], release, { urls: {} }),
  'modal not done': viewHtml(
    notDoneModal(
      'Request revision',
      refusalSentence({ code: 'already_decided', round: 1, decision: decision() }, undefined),
      {
        feedback: 'Shorter, please:\n- leave out the quote\n- the price of the shirt is 69 €, *not* 79 €',
        note: 'The CEO asked for this on Monday.',
      },
    ),
    reader,
  ),
  'refusals that one person sees': [
    told(refusalSentence({ code: 'not_approver' }, undefined)),
    told(refusalSentence({ code: 'superseded', current: 2 }, links.message(card))),
    told(refusalSentence({ code: 'not_undone', why: 'nothing' }, undefined)),
  ].join('\n'),
  'modal request revision': viewHtml(revisionModal(of([round()]), { round: 1 }, long), reader),
  'modal approve with a note': viewHtml(approveModal(of([round()]), { round: 1 }, true), reader),
  'modal assign': viewHtml(assignModal(of([round()]), { round: 1 }), reader),
  'modal give up': viewHtml(giveUpModal(of([round()]), { round: 1 }), reader),
  'modal read in full': viewHtml(outputModal(of([round()]), { round: 1 }, long, 1), reader),
  'modal read in full with a table': viewHtml(outputModal(of([round()]), { round: 1 }, report, 0), reader),
  'modal what changed': viewHtml(
    changesModal(of(two), { round: 2 }, { before: release, after: shorter }, 0),
    reader,
  ),
  'notes in the thread': notes
    .map((note) =>
      messageHtml(
        noteView(of([round()]), note, { result: shorter, calls: ['UANA', 'UBEN'] }, 'full', links),
        reader,
      ),
    )
    .join('\n'),
  'home tab': viewHtml(
    homeView(
      {
        waiting: [
          { approval: of([round()]), output: release },
          { approval: of(two), output: shorter },
        ],
        others: 3,
        unchecked: 0,
        decided: [{ approval: of([asked]), round: asked }],
      },
      links,
    ),
    reader,
  ),
  'look-up list': messageHtml(
    listView(
      {
        // The reader may decide the second of these two.
        approvals: [of([round()]), of(two, { id: SECOND_ID })],
        outputs: new Map([[SECOND_ID, shorter]]),
        total: { count: 2, more: false },
        stopped: false,
      },
      { query: { kind: 'waiting' }, before: [] },
      links,
      AT + 4_000_000,
    ),
    reader,
  ),
  'look-up of one': messageHtml(approvalView(of(two), shorter, links), reader),
};
