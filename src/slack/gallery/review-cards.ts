import { REVIEW_FAULTS, type Review } from '../../approval/model/review.ts';
import type { Round } from '../../approval/model/round.ts';
import type { RoundStatus } from '../../approval/model/round-status.ts';
import type { CardState } from './gallery-view.ts';
import { BLANK } from './outputs.ts';
import { AT, makeApproval, makeDecision, makeDelivery, makeRound } from './records.ts';

const CALLBACK = 'https://flows.crewai.com/callback/secret';
const PUBLISH = makeDecision({ action: 'choose', option: 0, feedback: 'publish' });
const FREE_TEXT = makeDecision({ action: 'choose', feedback: 'Publish it, but not before Monday.' });
const LONG_OPTION = 'Publish the whole report in all markets and inform the partners beforehand';

/** A review of a Flow, with its card. */
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

function makeReview(round: Round, more: Parameters<typeof makeApproval>[1] = {}): CardState {
  return { approval: makeApproval([round], { v: 3, task: 'review_report', crew: 'reports', ...more }) };
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

/** The state of the Flow can be read. */
export const REVIEW_WITH_STATE = makeReview(makeReviewRound({}, { stateHash: 'json:state' }));

/** A Flow's review that waits. */
export const WAITING_REVIEWS: Record<string, CardState> = {
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

/** A Flow's review that CrewAI accepted the answer to. */
export const ANSWERED_REVIEWS: Record<string, CardState> = {
  '': makeDecided('answered'),
  'in free text': makeDecided('answered', { decision: FREE_TEXT }),
  'by the rule for expired approvals': makeDecided('answered', {
    decision: { ...PUBLISH, rule: 'expiry', by: '' },
  }),
  'run continued': makeDecided('answered', { continuedAt: AT }),
};

/** A Flow's review whose answer was refused. */
export const REFUSED_REVIEWS: Record<string, CardState> = Object.fromEntries(
  Object.values(REVIEW_FAULTS).map((detail) => [
    `review ${detail}`,
    makeDecided('refused', {
      delivery: makeDelivery({ failure: { kind: 'refused', status: 401, detail } }),
    }),
  ]),
);

/** A Flow's review that was answered elsewhere. */
export const REVIEWS_ANSWERED_ELSEWHERE: Record<string, CardState> = Object.fromEntries(
  ['dashboard', 'email', 'timeout', 'rule'].map((answeredVia) => [
    `answered by ${answeredVia}`,
    makeDecided('resolved_elsewhere', { settledAt: AT }, { answeredVia }),
  ]),
);
