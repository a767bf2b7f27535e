import { type Approval, approvalSchema, RECORD_VERSION } from '../../src/approval/model/approval.ts';
import { DEFAULT_POLICY } from '../../src/approval/model/crew/task-rules.ts';
import { readOutput } from '../../src/approval/model/output.ts';
import {
  type Decision,
  type Delivery,
  isClosed,
  type Round,
  type RoundStatus,
} from '../../src/approval/model/round.ts';
import type { AgentStep } from '../../src/approval/model/run/agent-steps.ts';
import type { RunStatus } from '../../src/approval/model/run/run-status.ts';
import type { CardLinks } from '../../src/slack/views/message-view.ts';

/** Time of every event in these records. */
export const AT = Date.UTC(2026, 2, 3, 9, 5);

/** Statuses that always have a decision. Some of the other statuses can have one. */
export const DECIDED: readonly RoundStatus[] = [
  'sending',
  'refused',
  'undelivered',
  'approved',
  'revision_requested',
  'answered',
];

export function makeDecision(more: Partial<Decision> = {}): Decision {
  return { action: 'approve', feedback: '', by: 'UANA', at: AT, ...more };
}

export function makeDelivery(more: Partial<Delivery> = {}): Delivery {
  return { since: AT, attempts: 1, underway: false, unsure: false, ...more };
}

export function makeRound({ status = 'waiting', ...more }: Partial<Round> = {}): Round {
  return {
    number: 1,
    status,
    taskId: 'draft',
    humanInput: false,
    hashes: ['hash'],
    receivedAt: AT,
    unchanged: false,
    mayHaveContinued: false,
    votes: [],
    duplicateCards: [],
    ...(isClosed({ status }) ? { settledAt: AT } : {}),
    ...(status === 'given_up' ? { givenUpBy: 'UCAT' } : {}),
    ...more,
  };
}

/** Builds a round in this status, as the domain leaves it. */
export function makeRoundIn(status: RoundStatus, more: Partial<Round> = {}): Round {
  const asked = status === 'revision_requested';
  const decision = makeDecision(asked ? { action: 'request_revision', feedback: 'Shorter' } : {});
  const decided = DECIDED.includes(status) ? { decision, delivery: makeDelivery() } : {};
  return makeRound({ status, ...decided, ...more });
}

export function makeApproval(rounds: Round[], more: Partial<Approval> = {}): Approval {
  const lane = { failures: 0 };
  return approvalSchema.parse({
    v: RECORD_VERSION,
    id: 'ABCDEFGHJK',
    crew: 'press',
    executionId: 'run-1',
    task: 'draft',
    channel: 'CAPPROVALS',
    urls: {},
    policy: DEFAULT_POLICY,
    tasksNoted: [],
    createdAt: AT,
    rounds,
    notes: [],
    lanes: { card: lane, thread: lane, delivery: lane },
    facts: [],
    factCount: 0,
    ...more,
  });
}

/** Names of the people and groups in these records. */
export const PEOPLE: Readonly<Record<string, string>> = {
  UANA: 'Ana',
  UBEN: 'Ben',
  UCAT: 'Cat',
  SEDITORS: 'editors',
};

export const LINKS: CardLinks = {
  message: ({ channel, ts, threadTs }) =>
    `https://example.slack.com/archives/${channel}/p${ts.replace('.', '')}${threadTs ? `?thread_ts=${threadTs}&cid=${channel}` : ''}`,
  command: '/approvals',
};

const CHANNEL = 'CAPPROVALS';
const OWN = 'https://bot.example.com/webhooks/press';
const URLS: Approval['urls'] = {
  task: { url: `${OWN}/task?token=x`, from: 'bot' },
  crew: { url: `${OWN}/crew?token=x`, from: 'bot' },
};

/** Builds a round with the draft of a press release and its card. */
export function makePressRound(more: Partial<Round> = {}): Round {
  return makeRound(addCard(more));
}

/** Builds a round with the draft of a press release in any status. */
export function makePressRoundIn(status: RoundStatus, more: Partial<Round> = {}): Round {
  return makeRoundIn(status, addCard(more));
}

function addCard(more: Partial<Round>): Partial<Round> {
  return {
    agent: 'Copywriter',
    expectedOutput: 'A press release of 300 to 400 words in Markdown',
    card: { channel: CHANNEL, ts: `1700000000.000${more.number ?? 1}00`, shown: '' },
    ...more,
  };
}

export function makePressApproval(rounds: Round[], more: Partial<Approval> = {}): Approval {
  return makeApproval(rounds, {
    task: 'draft_press_release',
    executionId: '97eb0c2a-3f1b-4a8f-9a41-0d6f5a2f7f11',
    urls: URLS,
    ...more,
  });
}

/** Builds an approval whose only round is waiting. */
export function makeWaiting(round: Partial<Round> = {}, more: Partial<Approval> = {}): Approval {
  return makePressApproval([makePressRound(round)], more);
}

/** Builds an approval whose only round has this status. */
export function makeInStatus(
  status: RoundStatus,
  round: Partial<Round> = {},
  more: Partial<Approval> = {},
): Approval {
  return makePressApproval([makePressRoundIn(status, round)], more);
}

/** Builds a first round that was sent back, after which the run continued. */
export function makeRoundSentBack(more: Partial<Round> = {}): Round {
  const feedback = 'Shorter, and the price of the shirt is 69 €.';
  return makePressRoundIn('revision_requested', {
    continuedAt: AT,
    decision: makeDecision({ action: 'request_revision', feedback, by: 'UBEN' }),
    ...more,
  });
}

/** Builds two rounds: the first was sent back, the second is waiting. */
export function makeTwoRounds(second: Partial<Round> = {}): Round[] {
  return [makeRoundSentBack(), makePressRound({ number: 2, ...second })];
}

/** Builds three rounds that the expiry rule sent back, and a fourth whose deadline has passed too. */
export function makeRoundsWithExhaustedRule(): Round[] {
  const decision = makeDecision({
    action: 'request_revision',
    rule: 'expiry',
    by: '',
    feedback: 'Please try again',
  });
  const sentBack = [1, 2, 3].map((number) => makeRoundSentBack({ number, decision }));
  return [...sentBack, makePressRound({ number: 4, expiredAt: AT })];
}

/** Gives each approval of a list its own id. */
export function addIds(approvals: readonly Approval[]): Approval[] {
  return approvals.map((approval, index) => ({
    ...approval,
    id: `BCDEFGHJ${String(index).padStart(2, '0')}`,
  }));
}

/** Outputs of a crew that writes press releases, one for each way in which an output is shown. */
export const RELEASE = readOutput(
  `# Spring collection in recycled linen

**Lisbon, 3 March.** Our spring collection is made from *recycled linen*, woven in Guimarães.

- 14 pieces, from shirts to a trench coat
- prices from 79 €
- in shops on 20 March

> "We wanted linen to feel new again", says Inês Rocha, head of design.

More at [the press room](https://example.com/press).`,
);

export const SHORTER_RELEASE = readOutput(
  `# Spring collection in recycled linen

**Lisbon, 3 March.** Our spring collection is recycled linen, woven in Guimarães.

- 14 pieces, from shirts to a trench coat
- prices from 69 €
- in shops on 20 March

More at [the press room](https://example.com/press).`,
);

export const LONG_REPORT = readOutput(
  Array.from(
    { length: 120 },
    (_, index) =>
      `## Chapter ${index + 1}\n\n${'The market for linen has grown in each of the last five years. '.repeat(6)}`,
  ).join('\n\n'),
);

/** Too long to be shown open on a card, and short enough to be folded on it. */
export const CHAPTERS = readOutput(
  Array.from(
    { length: 6 },
    (_, index) =>
      `## Chapter ${index + 1}\n\n${'The market for linen has grown in each of the last five years. '.repeat(12)}\n\n- shirts\n- coats`,
  ).join('\n\n'),
);

export const LONG_CODE = readOutput(
  `\`\`\`sql\n${Array.from({ length: 60 }, (_, index) => `SELECT channel, SUM(clicks) FROM visits_${index} GROUP BY channel;`).join('\n')}\n\`\`\``,
);

export const LONG_TABLE = readOutput(
  `${'The campaign in each market. '.repeat(50)}\n\n| Market | Budget |\n|---|---:|\n${Array.from({ length: 30 }, (_, index) => `| Market ${index + 1} | ${index + 1},000 € |`).join('\n')}`,
);

export const REPORT_WITH_TABLE = readOutput(
  `# Campaign report, week 9

| Channel | Budget | Clicks | Cost per click |
|---|---:|---:|---:|
| Newsletter | 1,200 € | 4,310 | 0.28 € |
| Search | 6,400 € | 12,087 | 0.53 € |
| Social | 3,900 € | 5,140 | 0.76 € |

Search brings the most visitors. \`utm_source\` is missing on every third link.

\`\`\`sql
SELECT channel, SUM(clicks) FROM visits GROUP BY channel;
\`\`\`

1. Move 1,000 € from social to search.
2. Fix the links.`,
);

export const FLAT_JSON = readOutput({
  title: 'Launch budget',
  total_eur: 18500,
  approved: false,
  owner: 'Marketing',
  formula: '2*3*4',
});

export const JSON_ROWS = readOutput([
  { item: 'Photographer', days: 2, eur: 2400 },
  { item: 'Studio', days: 2, eur: 1800 },
  { item: 'Models', days: 1, eur: 3200 },
]);

export const NESTED_JSON = readOutput({
  campaign: { name: 'Spring', regions: ['PT', 'ES'], budget: { eur: 18500, spent: 0.35 } },
  posts: [{ network: 'Instagram', text: 'Linen, *again*.', link: '[x](http://example.com)' }],
});

export const CHANGED_NESTED_JSON = readOutput({
  campaign: { name: 'Spring', regions: ['PT', 'ES', 'FR'], budget: { eur: 19500, spent: 0.35 } },
  posts: [{ network: 'Instagram', text: 'Linen, *again*.', link: '[x](http://example.com)' }],
});

export const LONG_JSON = readOutput(
  Array.from({ length: 120 }, (_, index) => ({
    post: index + 1,
    tags: ['linen', 'spring'],
    likes: index * 7,
  })),
);

export const FOLDED_JSON = readOutput({
  posts: Array.from({ length: 30 }, (_, index) => ({
    network: 'Instagram',
    post: index + 1,
    tags: ['linen'],
  })),
});

export const ONE_LINE = readOutput('Headline: *Linen, again*');
export const BLANK = readOutput(' \n\t\n');

type StatusOf<Kind extends RunStatus['kind']> = Extract<RunStatus, { kind: Kind }>;

/** CrewAI's answers about a run, one of each kind. The compiler requires new kinds here. */
export const RUN_STATUSES: { readonly [Kind in RunStatus['kind']]: StatusOf<Kind> } & Readonly<
  Record<string, RunStatus>
> = {
  running: { kind: 'running', task: 'research', completed: 1, total: 3 },
  completed: { kind: 'completed' },
  failed: { kind: 'failed', error: 'Out of tokens' },
  other: { kind: 'other', state: 'QUEUED' },
  not_found: { kind: 'not_found' },
  no_access: { kind: 'no_access', status: 401 },
  no_answer: { kind: 'no_answer', detail: 'ECONNREFUSED' },
  of_program: { kind: 'of_program', state: 'running' },
  'of a program that failed': { kind: 'of_program', state: 'failed', reason: 'No disk space' },
  paused: { kind: 'other', state: 'PAUSED' },
};

/** The last of many calls that an agent made before a round. */
export const STEPS: readonly AgentStep[] = Array.from({ length: 14 }, (_, index) => ({
  at: AT,
  tool: index % 2 === 0 ? 'search_the_web' : 'read_page',
  input: JSON.stringify({ query: `linen market ${2012 + index}` }),
  result: `The market grew by ${index + 1} %. ${'*Linen* is <woven> in Guimarães. '.repeat(index)}`,
}));
