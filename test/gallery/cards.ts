import { type Approval, currentRound, findRound } from '../../src/approval/model/approval.ts';
import { DEFAULT_POLICY } from '../../src/approval/model/crew/task-rules.ts';
import { LOST_OUTPUT, type Output, readOutput } from '../../src/approval/model/output.ts';
import {
  type Failure,
  type Push,
  type Question,
  REVIEW_FAULTS,
  type Review,
  type Round,
  type RoundStatus,
} from '../../src/approval/model/round.ts';
import { listToolOptions } from '../../src/approval/model/tool-call.ts';
import { HERE } from '../../src/approval/notify/mentions.ts';
import { drawCard } from '../../src/slack/api/cards.ts';
import { CARD_FORMS } from '../../src/slack/views/output/output-blocks.ts';
import { spoken } from '../support/spoken.ts';
import { type CardState, type GalleryView, nameVariant, POSTED_FORM, showMessage } from './gallery-view.ts';
import {
  AT,
  BLANK,
  CHAPTERS,
  FLAT_JSON,
  FOLDED_JSON,
  JSON_ROWS,
  LINKS,
  LONG_CODE,
  LONG_JSON,
  LONG_REPORT,
  LONG_TABLE,
  makeApproval,
  makeDecision,
  makeDelivery,
  makeInStatus,
  makePressApproval,
  makePressRound,
  makePressRoundIn,
  makeRound,
  makeRoundSentBack,
  makeRoundsWithExhaustedRule,
  makeTwoRounds,
  makeWaiting,
  NESTED_JSON,
  ONE_LINE,
  RELEASE,
  REPORT_WITH_TABLE,
  SHORTER_RELEASE,
  STEPS,
} from './samples.ts';

const CALLBACK = 'https://flows.crewai.com/callback/secret';
const PUBLISH = makeDecision({ action: 'choose', option: 0, feedback: 'publish' });
const FREE_TEXT = makeDecision({ action: 'choose', feedback: 'Publish it, but not before Monday.' });
const LONG_OPTION = 'Publish the whole report in all markets and inform the partners beforehand';

/** Builds the round of a Flow's review, with its card. */
function makeReviewRound(more: Partial<Round> = {}, review: Partial<Review> = {}): Round {
  return makeRound({
    taskId: 'review-1',
    humanInput: true,
    description: 'Is this report ready to be published?',
    card: { channel: 'CAPPROVALS', ts: '1700000000.000100', shown: '' },
    review: {
      options: ['publish', 'rewrite', 'discard'],
      defaultOutcome: 'discard',
      callbackUrl: CALLBACK,
      dueAt: AT,
      ...review,
    },
    ...more,
  });
}

/** Builds the round of a program's question, with its card. */
export function makeQuestionRound(more: Partial<Round> = {}, question: Partial<Question> = {}): Round {
  return makeRound({
    taskId: 'q-1',
    humanInput: true,
    description: 'The build of tonight passed all checks.',
    card: { channel: 'CAPPROVALS', ts: '1700000000.000100', shown: '' },
    question: {
      id: 'q-1',
      digest: 'digest',
      freeText: 'none',
      options: [
        { id: 'ship', label: 'Ship it', style: 'primary' },
        { id: 'hold', label: 'Hold', style: 'danger' },
      ],
      ...question,
    },
    ...more,
  });
}

const SHIP = makeDecision({ action: 'choose', option: 0, feedback: 'Ship it' });

function makeQuestion(
  more: Partial<Round> = {},
  question: Partial<Question> = {},
  approval: Partial<Approval> = {},
): CardState {
  const round = makeQuestionRound(more, question);
  return { approval: makeApproval([round], { task: 'Ship build 42?', crew: 'deploys', ...approval }) };
}

/** A field of every kind of value. */
const FIELDS: NonNullable<Question['fields']> = [
  { name: 'amount', kind: 'number', title: 'Amount', required: true, min: 0.01, default: 1200.5 },
  { name: 'pieces', kind: 'integer', title: 'Pieces' },
  { name: 'day', kind: 'date', title: 'On', default: '2026-12-24' },
  { name: 'at', kind: 'time', title: 'Not before' },
  {
    name: 'account',
    kind: 'choice',
    title: 'From',
    required: true,
    choices: [
      { value: 'giro', label: 'Giro' },
      { value: 'savings', label: 'Savings' },
    ],
  },
  {
    name: 'center',
    kind: 'choice',
    title: 'Cost center',
    choices: Array.from({ length: 12 }, (_, at) => ({ value: `${at}`, label: `Cost center ${at + 1}` })),
  },
  {
    name: 'tags',
    kind: 'choices',
    title: 'Tags',
    choices: [
      { value: 'travel', label: 'Travel' },
      { value: 'office', label: 'Office' },
    ],
  },
  { name: 'urgent', kind: 'boolean', title: 'Urgent', required: true, default: false },
  { name: 'mail', kind: 'email', title: 'Receipt to' },
  { name: 'page', kind: 'url', title: 'Invoice' },
  { name: 'note', kind: 'text', title: 'Note', description: 'For the books.', max: 500 },
];
const VALUES = JSON.stringify({
  amount: 1200.5,
  pieces: 3,
  day: '2026-12-24',
  at: '2026-12-24T08:00:00Z',
  account: 'giro',
  center: '4',
  tags: ['travel', 'office'],
  urgent: true,
  mail: 'ana@example.com',
  page: 'https://example.com/invoices/17',
  note: 'First line\nSecond line',
});

/** Builds a question with a form for every kind of value. */
export function makeFieldsQuestion(more: Partial<Round> = {}): CardState {
  const options = [
    { id: 'pay', label: 'Pay', style: 'primary' as const, fields: true as const },
    { id: 'hold', label: 'Hold' },
  ];
  return makeQuestion(more, { options, fields: FIELDS }, { task: 'Pay invoice 17', crew: 'office' });
}

/** Builds a decided question whose answer was sent to its program. */
function makePushed(push: Partial<Push>): CardState {
  const delivery = makeDelivery({ attempts: 0, offeredAt: AT });
  return makeQuestion(
    { status: 'sending', decision: SHIP, delivery },
    { push: { url: 'https://hooks.example.com/resume', of: 'answered', failures: 3, ...push } },
  );
}

/** Builds a question whose options do not fit on its card. */
export function makeLongQuestion(): CardState {
  const label = `${LONG_OPTION}, but not before the works council has agreed`;
  const options = Array.from({ length: 12 }, (_, number) => ({
    id: `${number}`,
    label: `${label} in market ${number}`,
  }));
  return makeQuestion({}, { options });
}

/** Waiting questions of programs. */
const WAITING_QUESTIONS: Record<string, CardState> = {
  question: makeQuestion(),
  'question to approve': makeQuestion({}, { options: undefined }),
  'question with values': makeFieldsQuestion(),
  'question with values that others agree to': makeFieldsQuestion({
    number: 2,
    entered: { by: 'UANA', option: 0, values: VALUES },
  }),
  'question with a text for each answer': makeQuestion({}, { freeText: 'required' }),
  'question to approve with a text': makeQuestion({}, { options: undefined, freeText: 'required' }),
  'question with many options and a text for each': makeQuestion(
    {},
    {
      freeText: 'required',
      options: Array.from({ length: 12 }, (_, number) => ({
        id: `${number}`,
        label: `market ${number + 1}`,
      })),
    },
  ),
  'question with many long options': makeLongQuestion(),
  'question with a message that is cut': makeQuestion({ description: 'Is the build ready? '.repeat(100) }),
  'question with a deadline': makeQuestion(
    {},
    { freeText: 'optional', expiresAt: AT, defaultOption: 'hold' },
    { policy: { ...DEFAULT_POLICY, onExpiry: 'default', expireAfter: 60_000 } },
  ),
};

const ARGUMENTS = { to: 'ana@example.com', subject: 'The budget of spring', body: 'It is ready.\u202e' };

export function makeToolCall(
  question: Partial<Question> = {},
  more: Partial<Round> = {},
  output: object = ARGUMENTS,
): CardState {
  const options = listToolOptions({ ofRun: true, forTool: true });
  return {
    ...makeQuestion(
      { description: undefined, agent: 'Secretary', ...more },
      { tool: true, options, ...question },
      { task: 'Send E-Mail' },
    ),
    output: { kind: 'json', text: JSON.stringify(output) },
  };
}

const LETTER = {
  to: ['ana@example.com', 'ben@example.com'],
  subject: 'Launch budget',
  body: 'Dear Ana,\n\nthe budget of spring is ready. Please have a look at the two open points before Friday:\n\n- the fair in Lisbon\n- "Print" (12,000 €)\n\nRegards\nThe press office',
  send_at: '2026-12-04 (date)',
  priority: '1',
  options: { track_opens: false, tags: ['spring', 'budget'], retries: 3 },
  'reply to': null,
};

/** Builds a call whose arguments take several pages. */
export function makeLongCall(): CardState {
  const paragraph = 'The budget of spring is ready, and so is the plan of the fair in Lisbon. ';
  const body = Array.from({ length: 60 }, (_, at) => `${at + 1}. ${paragraph}`.trim()).join('\n');
  return makeToolCall({ isLong: true }, {}, { ...LETTER, body });
}

/** Calls of tools that wait to be allowed. */
const WAITING_TOOLS: Record<string, CardState> = {
  'call of a tool': makeToolCall(),
  'call of a tool with a letter': makeToolCall({}, {}, LETTER),
  'call of a tool with many arguments': makeToolCall(
    {},
    {},
    Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`argument_${at + 1}`, at])),
  ),
  'call of a tool for the third time': makeToolCall({ times: 3 }),
  'call of a tool with arguments in several blocks': makeToolCall({}, {}, { body: 'Spring. '.repeat(400) }),
  'call of a tool with a long letter': makeLongCall(),
  'call of a tool with long arguments': makeToolCall({ isLong: true }, {}, { body: 'Spring. '.repeat(600) }),
  'call of a tool after steps': { ...makeToolCall(), steps: STEPS.slice(0, 3) },
};

export function makeAllowedTool(more: Partial<Round> = {}): CardState {
  return makeToolCall(
    {},
    {
      status: 'answered',
      decision: makeDecision({
        action: 'choose',
        option: 2,
        feedback: 'Allow the same call again in this run',
      }),
      delivery: makeDelivery({ acceptedAt: AT }),
      settledAt: AT,
      allowedCalls: [
        { id: 'q-2', digest: '', at: AT },
        { id: 'q-3', digest: '', at: AT, text: JSON.stringify(ARGUMENTS, null, 2) },
        { id: 'q-4', digest: '', at: AT, text: JSON.stringify(LETTER, null, 2) },
        { id: 'q-5', digest: '', at: AT, text: '[]' },
      ],
      ...more,
    },
  );
}

const ALLOWED_TOOLS: Record<string, CardState> = {
  'call of a tool with further calls': makeAllowedTool(),
  'permission for further calls that was ended': makeAllowedTool({
    permissionEnded: { by: 'UBEN', at: AT },
  }),
};

/** Decided questions of programs. */
const SENDING_QUESTIONS: Record<string, CardState> = {
  'question answered with a long option': makeQuestion({
    status: 'sending',
    decision: { ...SHIP, feedback: `${LONG_OPTION}, but not before the works council has agreed` },
    delivery: makeDelivery({ attempts: 0, offeredAt: AT }),
  }),
  'question not fetched yet': makeQuestion({
    status: 'sending',
    decision: { ...SHIP, remark: 'After the backup.' },
    delivery: makeDelivery({ attempts: 0, offeredAt: AT }),
  }),
  'question whose program did not take the answer': makePushed({ ended: 'late' }),
  'question whose program is at a host that is not allowed': makePushed({ notAllowed: true }),
};

const WITHDRAWN: Record<string, CardState> = {
  '': makeQuestion({ status: 'withdrawn', settledAt: AT }),
  'after a decision': makeQuestion({ status: 'withdrawn', settledAt: AT, decision: SHIP }),
  'no approvers are named': makeToolCall({}, { status: 'withdrawn', settledAt: AT, lapsed: 'no_approvers' }),
  'it asks for a hidden value': makeQuestion({ status: 'withdrawn', settledAt: AT, lapsed: 'hidden_fields' }),
  'its program stopped': makeQuestion({ status: 'withdrawn', settledAt: AT, lapsed: true }),
};

function makeReview(round: Round, more: Partial<Approval> = {}): CardState {
  return { approval: makeApproval([round], { task: 'review_report', crew: 'reports', ...more }) };
}

function makeDecided(
  status: RoundStatus,
  more: Partial<Round> = {},
  review: Partial<Review> = {},
): CardState {
  const round = { status, decision: PUBLISH, delivery: makeDelivery({ acceptedAt: AT }), ...more };
  return makeReview(makeReviewRound(round, review));
}

const TWO_VOTES = { approvalsRequired: 2 };

/** A review whose Flow state can be read. */
export const REVIEW_WITH_STATE = makeReview(makeReviewRound({}, { stateHash: 'json:state' }));

/** Waiting reviews of Flows. */
const WAITING_REVIEWS: Record<string, CardState> = {
  review: makeReview(makeReviewRound()),
  'review with a state': REVIEW_WITH_STATE,
  'review with a state and without an output': { ...REVIEW_WITH_STATE, output: BLANK },
  'review assigned to a person': makeReview(
    makeReviewRound({ assignee: 'UANA', mentioned: ['UANA'] }, { assigneeEmail: 'ana@example.com' }),
  ),
  'review with five options': makeReview(
    makeReviewRound({}, { options: ['north', 'south', 'east', 'west', 'nowhere'] }),
  ),
  'review without options': makeReview(makeReviewRound({}, { options: [], defaultOutcome: undefined })),
  'review with many options': makeReview(
    makeReviewRound({}, { options: Array.from({ length: 60 }, (_, number) => `market ${number + 1}`) }),
  ),
  'review with long options': makeReview(
    makeReviewRound({}, { options: [LONG_OPTION, 'rewrite'.repeat(20)], assigneeEmail: 'ana@example.com' }),
  ),
  'review to answer in CrewAI': makeReview(
    makeReviewRound({}, { callbackUrl: undefined, blockedHost: 'flows.example.com' }),
  ),
  'review with votes': makeReview(makeReviewRound({ votes: [PUBLISH, { ...FREE_TEXT, by: 'UBEN' }] }), {
    policy: {
      silentAfter: 0,
      undoWindow: 0,
      urgent: false,
      escalateTo: [],
      onExpiry: 'keep',
      expiryText: '',
      ...TWO_VOTES,
    },
  }),
};

/** Reviews of Flows whose answer CrewAI accepted. */
const ANSWERED_REVIEWS: Record<string, CardState> = {
  '': makeDecided('answered'),
  'in free text': makeDecided('answered', { decision: FREE_TEXT }),
  'by the expiry rule': makeDecided('answered', {
    decision: { ...PUBLISH, rule: 'expiry', by: '' },
  }),
  'run continued': makeDecided('answered', { continuedAt: AT }),
};

/** Reviews of Flows whose answer was refused. */
const REFUSED_REVIEWS: Record<string, CardState> = Object.fromEntries(
  Object.values(REVIEW_FAULTS).map((detail) => [
    `review ${detail}`,
    makeDecided('refused', {
      delivery: makeDelivery({ failure: { kind: 'refused', status: 401, detail } }),
    }),
  ]),
);

/** Reviews of Flows that were answered elsewhere. */
const REVIEWS_ANSWERED_ELSEWHERE: Record<string, CardState> = Object.fromEntries(
  ['dashboard', 'email', 'timeout', 'rule'].map((answeredVia) => [
    `answered by ${answeredVia}`,
    makeDecided('resolved_elsewhere', { settledAt: AT }, { answeredVia }),
  ]),
);

const TWO_REQUIRED = { policy: { ...DEFAULT_POLICY, approvalsRequired: 2 } };
const NOTE = 'Good. Please post it on Monday.';

const WAITING: Record<string, CardState> = {
  '': makeCard('waiting'),
  'two approvals required': makeCard('waiting', {}, TWO_REQUIRED),
  'one of two approved': makeCard('waiting', { votes: [makeDecision()] }, TWO_REQUIRED),
  'two can decide': { ...makeCard('waiting'), deciders: { names: ['Ana', 'Ben'], others: 0 } },
  'forty can decide': {
    ...makeCard('waiting', { mentioned: ['UANA'] }),
    deciders: { names: ['Ana', '@editors', 'Cat', 'Dan', 'Eve', 'Fay'], others: 34 },
  },
  'the channel decides': { ...makeCard('waiting'), deciders: 'channel' },
  'both have to approve': {
    ...makeCard('waiting', {}, TWO_REQUIRED),
    deciders: { names: ['Ana', 'Ben'], others: 0 },
  },
  'two of three have to approve': {
    ...makeCard('waiting', {}, TWO_REQUIRED),
    deciders: { names: ['Ana', 'Ben', 'Cat'], others: 0 },
  },
  'two of the channel have to approve': { ...makeCard('waiting', {}, TWO_REQUIRED), deciders: 'channel' },
  'a name that reads like a line': {
    ...makeCard('waiting'),
    deciders: { names: ['*Ana* can decide. Rejected', 'Ben'], others: 0 },
  },
  'one more approval is needed': {
    ...makeCard('waiting', { votes: [makeDecision()] }, TWO_REQUIRED),
    deciders: { names: ['Ben', 'Cat'], others: 0 },
  },
  ...Object.fromEntries(
    (['keep', 'approve', 'request_revision'] as const).map((onExpiry): [string, CardState] => [
      `until a deadline, ${onExpiry}`,
      makeCard(
        'waiting',
        {},
        { policy: { ...DEFAULT_POLICY, expireAfter: 3_600_000, onExpiry, expiryText: 'Nobody was there.' } },
      ),
    ]),
  ),
  claimed: makeCard('waiting', { claim: { by: 'UBEN', until: AT } }),
  'a substitute asked': makeCard('waiting', {
    mentioned: ['UBEN'],
    standIns: [
      { away: 'UANA', day: '2026-12-04', substitute: 'UBEN', asked: true },
      { away: 'UCAT', day: '2026-12-24', substitute: 'UBEN' },
      { away: 'UDAN', day: '2026-12-24', substitute: 'UBEN', why: 'own_vote' },
      { away: 'UEVE', day: '2026-12-24', substitute: 'UFAY', why: 'unchecked' },
      { away: 'UFAY', day: '2026-12-24', substitute: 'UBEN', why: 'by_substitute' },
      ...['UGIL', 'UHAL'].map((away) => ({ away, day: '2026-12-24', substitute: 'UBEN' })),
    ],
  }),
  assigned: makeCard('waiting', { assignee: 'UCAT' }),
  expired: makeCard('waiting', { expiredAt: AT }),
  'expired with the rule spent': {
    approval: makePressApproval(makeRoundsWithExhaustedRule()),
    output: SHORTER_RELEASE,
  },
  'another task reported': makeCard('waiting', { mayHaveContinued: true }),
  'no task webhook URL': makeCard('waiting', {}, { urls: {} }),
  'run failed': makeCard('waiting', {}, { runFailure: { at: AT, reason: 'Out of tokens' } }),
  'task without a name': makeCard(
    'waiting',
    {},
    {
      task: 'Spring collection in recycled linen',
      titleOnly: true,
    },
  ),
  'agent not known': {
    approval: makePressApproval([
      makePressRound({ agent: undefined, expectedOutput: undefined, description: 'Write the press release' }),
    ]),
  },
  'mentions people and groups': makeCard('waiting', { mentioned: ['UANA', 'SEDITORS'] }),
  'mentions the channel': makeCard('waiting', { mentioned: [HERE] }),
  'settings of the run ignored': makeCard(
    'waiting',
    {},
    {
      ignored: ['channel_not_of_crew', 'approvers_invalid'],
    },
  ),
  'nobody can decide': makeCard('waiting', {}, { tooFew: { able: 0, required: 1 } }),
  'too few people can decide': makeCard('waiting', {}, { ...TWO_REQUIRED, tooFew: { able: 1, required: 2 } }),
  'nobody can decide while the task is not known': makeCard(
    'waiting',
    {},
    { tooFew: { able: 0, required: 1, why: 'unnamed' } },
  ),
  'round 2': { approval: makePressApproval(makeTwoRounds()), output: SHORTER_RELEASE },
  'round 2 unchanged': { approval: makePressApproval(makeTwoRounds({ unchanged: true })) },
  'round 2 without a name': {
    approval: makePressApproval(makeTwoRounds({ unnamed: true, after: { brought: 'ticket' } })),
    output: SHORTER_RELEASE,
  },
  'round 2 by a guess': {
    approval: makePressApproval(makeTwoRounds({ unnamed: true, after: { brought: 'none', likely: true } })),
    output: SHORTER_RELEASE,
  },
  'all attention lines': makeCard(
    'waiting',
    {
      votes: [makeDecision()],
      claim: { by: 'UBEN', until: AT },
      assignee: 'UCAT',
      expiredAt: AT,
      mayHaveContinued: true,
      mentioned: ['UANA', 'SEDITORS'],
    },
    {
      ...TWO_REQUIRED,
      urls: {},
      ignored: ['channel_not_of_crew'],
      tooFew: { able: 1, required: 2 },
    },
  ),
};

const SENDING: Record<string, CardState> = {
  '': makeCard('sending'),
  'can be undone': makeCard('sending', { delivery: makeDelivery({ attempts: 0, undoUntil: AT }) }),
  'tried again': makeSentWith('sending', { kind: 'not_reached', status: 503 }),
  'with a note': makeCard('sending', { decision: makeDecision({ feedback: NOTE }) }),
};

const REFUSED: Record<string, CardState> = {
  '401': makeSentWith('refused', { kind: 'refused', status: 401 }),
  '404': makeSentWith('refused', { kind: 'refused', status: 404 }),
  '422 that Retry cannot help': makeSentWith('refused', {
    kind: 'refused',
    status: 422,
    detail: 'human_feedback: field required',
  }),
  'after an unsure attempt': makeSentWith('refused', { kind: 'refused', status: 401 }, { unsure: true }),
};

const UNDELIVERED: Record<string, CardState> = {
  '': makeSentWith('undelivered', { kind: 'not_reached', detail: 'ECONNREFUSED' }),
  unsure: makeSentWith('undelivered', { kind: 'unknown', status: 500 }, { unsure: true }),
  'held up': makeSentWith('undelivered', { kind: 'not_reached', detail: 'HELD_UP' }),
  restored: makeSentWith('undelivered', { kind: 'unknown', detail: 'RESTORED' }, { unsure: true }),
};

function makeSentWith(
  status: RoundStatus,
  failure: Failure,
  { unsure = false }: { unsure?: boolean } = {},
): CardState {
  const delivery = makeDelivery({ attempts: 3, unsure, failure });
  return makeCard(status, { delivery });
}

const UNCONFIRMED = { delivery: makeDelivery({ acceptedAt: AT, dialect: 'live' }) };
const DECIDED_BEFORE = {
  settledAt: AT,
  decision: makeDecision({ feedback: 'Good.' }),
  delivery: makeDelivery(),
};

const APPROVED: Record<string, CardState> = {
  '': makeCard('approved'),
  'by two people': makeCard(
    'approved',
    { votes: [makeDecision({ by: 'UBEN' }), makeDecision()] },
    TWO_REQUIRED,
  ),
  'not confirmed': makeCard('approved', UNCONFIRMED),
  'run continued': makeCard('approved', { continuedAt: AT }),
  'run continued with a task': makeCard('approved', { continuedAt: AT, continuedWith: 'launch_budget' }),
  'with a note': makeCard('approved', {
    continuedAt: AT,
    decision: makeDecision({ feedback: 'Good. Post it on Monday.' }),
  }),
  'by the expiry rule': makeCard('approved', {
    continuedAt: AT,
    decision: makeDecision({ rule: 'expiry', by: '' }),
  }),
  'CrewAI says otherwise': makeCard('approved', {
    delivery: makeDelivery({ dialect: 'documented', says: 'retrying' }),
  }),
  'run failed': makeCard(
    'approved',
    { continuedAt: AT },
    {
      runFailure: { at: AT, reason: 'The model did not answer' },
    },
  ),
};

const REVISION_REQUESTED: Record<string, CardState> = {
  '': makeCard('revision_requested'),
  'not confirmed': makeCard('revision_requested', UNCONFIRMED),
  'with a newer card': {
    approval: makePressApproval([makeRoundSentBack(), makePressRound({ number: 2 })]),
    round: 1,
  },
  'round 2 of 3': {
    approval: makePressApproval([
      makeRoundSentBack(),
      makeRoundSentBack({ number: 2 }),
      makePressRound({ number: 3 }),
    ]),
    round: 2,
  },
};

/** States of a card by status. The compiler requires new statuses here. */
const CARDS: Readonly<Record<RoundStatus, Record<string, CardState>>> = {
  waiting: { ...WAITING, ...WAITING_REVIEWS, ...WAITING_QUESTIONS, ...WAITING_TOOLS },
  sending: { ...SENDING, ...SENDING_QUESTIONS },
  refused: { ...REFUSED, ...REFUSED_REVIEWS },
  undelivered: UNDELIVERED,
  approved: APPROVED,
  revision_requested: REVISION_REQUESTED,
  answered: {
    ...ANSWERED_REVIEWS,
    ...ALLOWED_TOOLS,
    'question with values, fetched': makeFieldsQuestion({
      status: 'answered',
      decision: { ...SHIP, feedback: 'Pay', values: VALUES },
      delivery: makeDelivery(),
    }),
    'question fetched': makeQuestion({ status: 'answered', decision: SHIP, delivery: makeDelivery() }),
  },
  superseded: {
    '': {
      approval: makePressApproval([
        makePressRoundIn('superseded', { settledAt: AT }),
        makePressRound({ number: 2 }),
      ]),
      round: 1,
    },
  },
  resolved_elsewhere: {
    '': makeCard('resolved_elsewhere', { settledAt: AT }),
    'after a decision': makeCard('resolved_elsewhere', DECIDED_BEFORE),
    ...REVIEWS_ANSWERED_ELSEWHERE,
    'task that does not wait': makeCard('resolved_elsewhere', { settledAt: AT, notWaiting: true }),
  },
  run_ended: {
    '': makeCard('run_ended', { settledAt: AT }),
    'question not fetched': makeQuestion({ status: 'run_ended', settledAt: AT, decision: SHIP }),
    'after a decision': makeCard('run_ended', DECIDED_BEFORE),
    'run failed': makeCard(
      'run_ended',
      { settledAt: AT },
      {
        runFailure: { at: AT },
      },
    ),
  },
  given_up: {
    '': makeCard('given_up', { settledAt: AT, givenUpBy: 'UCAT' }),
    unsure: makeCard('given_up', {
      ...DECIDED_BEFORE,
      givenUpBy: 'UCAT',
      delivery: makeDelivery({ attempts: 3, unsure: true }),
    }),
  },
  withdrawn: WITHDRAWN,
};

function makeCard(status: RoundStatus, round: Partial<Round> = {}, more: Partial<Approval> = {}): CardState {
  return { approval: makeInStatus(status, round, more) };
}

/** Lists the states of a round by status and variant. */
export function listCardStates(): Record<string, CardState> {
  return Object.fromEntries(
    Object.entries(CARDS).flatMap(([status, states]) =>
      Object.entries(states).map(([variant, state]) => [nameVariant(status, variant), state] as const),
    ),
  );
}

/** Draws a card in each state of a round. */
export function buildCardsByStatus(): GalleryView[] {
  return Object.entries(listCardStates()).map(([name, state]) => showCard(`card ${name}`, state));
}

const OUTPUTS: Readonly<Record<string, Output>> = {
  'of a press release': RELEASE,
  'of one line': ONE_LINE,
  'of a report with a table': REPORT_WITH_TABLE,
  'of several chapters': CHAPTERS,
  'of long code': LONG_CODE,
  'of a long table': LONG_TABLE,
  'of a long output': LONG_REPORT,
  'of a blank output': BLANK,
  'of a flat JSON object': FLAT_JSON,
  'of JSON rows': JSON_ROWS,
  'of nested JSON': NESTED_JSON,
  'of JSON that is folded': FOLDED_JSON,
  'of long JSON': LONG_JSON,
  'of a number': readOutput(42),
  'of an output that the store lost': LOST_OUTPUT,
};

const STEPPED: Readonly<Record<string, CardState>> = {
  'with one step': { approval: makeWaiting(), steps: STEPS.slice(0, 1) },
  'with many steps': { approval: makeWaiting(), steps: STEPS },
  'with the steps of several tasks': {
    approval: makeWaiting({ steps: { hash: 'json:steps', ofRun: true } }),
    steps: STEPS.slice(0, 4),
  },
  'with steps and a folded output': { approval: makeWaiting(), output: CHAPTERS, steps: STEPS },
  'with steps and a long output': { approval: makeWaiting(), output: LONG_REPORT, steps: STEPS },
};

/**
 * Draws a waiting card with each kind of output, also in the plainer forms that the bot posts if Slack rejects a form.
 */
export function buildCardsByOutput(): GalleryView[] {
  const approval = makeWaiting();
  const states = {
    ...Object.fromEntries(Object.entries(OUTPUTS).map(([what, output]) => [what, { approval, output }])),
    ...STEPPED,
    'of the call of a tool': makeToolCall(),
  };
  return Object.entries<CardState>(states).flatMap(([what, state]) => showForms(`card ${what}`, state));
}

/** Draws a card as first posted, and each plainer form that differs from the form before it. */
function showForms(name: string, state: CardState): GalleryView[] {
  const drawn = CARD_FORMS.map((form) =>
    showCard(form === POSTED_FORM ? name : `${name}, in its ${form} form`, { ...state, form }),
  );
  const blocks = drawn.map((view) => JSON.stringify(view.kind === 'message' && view.message.blocks));
  return drawn.filter((_, index) => blocks[index] !== blocks[index - 1]);
}

function showCard(
  name: string,
  { approval, round, output = RELEASE, steps, deciders, form = POSTED_FORM }: CardState,
): GalleryView {
  const shown = round === undefined ? currentRound(approval) : findRound(approval, round);
  if (!shown) throw new Error(`${name}: no round ${round}`);
  return showMessage(
    name,
    drawCard(spoken(), { approval, round: shown, output, steps, deciders }, LINKS, form),
  );
}
