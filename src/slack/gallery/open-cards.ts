import { DEFAULT_POLICY } from '../../approval/model/crew/task-rules.ts';
import type { Failure } from '../../approval/model/decision.ts';
import type { RoundStatus } from '../../approval/model/round-status.ts';
import { HERE } from '../../approval/notify/mentions.ts';
import type { CardState } from './gallery-view.ts';
import { SHORTER_RELEASE } from './outputs.ts';
import { AT, makeDecision, makeDelivery } from './records.ts';
import { REFUSED_REVIEWS, WAITING_REVIEWS } from './review-cards.ts';
import {
  makeInStatus,
  makePressApproval,
  makePressRound,
  makeRoundsWithExhaustedRule,
  makeTwoRounds,
  makeWaiting,
} from './samples.ts';

export type OpenStatus = Extract<RoundStatus, 'waiting' | 'sending' | 'refused' | 'undelivered'>;

const TWO_REQUIRED = { policy: { ...DEFAULT_POLICY, approvalsRequired: 2 } };
const NOTE = 'Good. Please post it on Monday.';

const WAITING: Record<string, CardState> = {
  '': { approval: makeWaiting() },
  'two approvals required': { approval: makeWaiting({}, TWO_REQUIRED) },
  'one of two approved': {
    approval: makeWaiting({ votes: [makeDecision()] }, TWO_REQUIRED),
  },
  claimed: { approval: makeWaiting({ claim: { by: 'UBEN', until: AT } }) },
  assigned: { approval: makeWaiting({ assignee: 'UCAT' }) },
  expired: { approval: makeWaiting({ expiredAt: AT }) },
  'expired with the rule spent': {
    approval: makePressApproval(makeRoundsWithExhaustedRule()),
    output: SHORTER_RELEASE,
  },
  'another task reported': { approval: makeWaiting({ mayHaveContinued: true }) },
  'no task webhook URL': { approval: makeWaiting({}, { urls: {} }) },
  'run failed': {
    approval: makeWaiting({}, { runFailure: { at: AT, reason: 'Out of tokens' } }),
  },
  'task without a name': {
    approval: makeWaiting(
      {},
      {
        task: 'Spring collection in recycled linen',
        titleOnly: true,
      },
    ),
  },
  'agent not known': {
    approval: makePressApproval([
      makePressRound({ agent: undefined, expectedOutput: undefined, description: 'Write the press release' }),
    ]),
  },
  'mentions people and groups': {
    approval: makeWaiting({ mentioned: ['UANA', 'SEDITORS'] }),
  },
  'mentions the channel': { approval: makeWaiting({ mentioned: [HERE] }) },
  'settings of the run ignored': {
    approval: makeWaiting(
      {},
      {
        ignored: ['channel #sales is not one of this crew', 'no user "dora"'],
      },
    ),
  },
  'nobody can decide': {
    approval: makeWaiting({}, { tooFew: { able: 0, required: 1 } }),
  },
  'too few people can decide': {
    approval: makeWaiting({}, { ...TWO_REQUIRED, tooFew: { able: 1, required: 2 } }),
  },
  'nobody can decide while the task is not known': {
    approval: makeWaiting({}, { tooFew: { able: 0, required: 1, why: 'unnamed' } }),
  },
  'round 2': { approval: makePressApproval(makeTwoRounds()), output: SHORTER_RELEASE },
  'round 2 unchanged': { approval: makePressApproval(makeTwoRounds({ unchanged: true })) },
  'round 2 chained': {
    approval: makePressApproval(makeTwoRounds({ chained: true })),
    output: SHORTER_RELEASE,
  },
  'round 2 chained in doubt': {
    approval: makePressApproval(makeTwoRounds({ chained: true, chainDoubted: true })),
    output: SHORTER_RELEASE,
  },
  'all attention lines': {
    approval: makeWaiting(
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
        ignored: ['channel #sales is not one of this crew'],
        tooFew: { able: 1, required: 2 },
      },
    ),
  },
};

const SENDING: Record<string, CardState> = {
  '': { approval: makeInStatus('sending') },
  'can be undone': {
    approval: makeInStatus('sending', { delivery: makeDelivery({ attempts: 0, undoUntil: AT }) }),
  },
  'tried again': makeSentWith('sending', { kind: 'not_reached', status: 503 }),
  'with a note': {
    approval: makeInStatus('sending', { decision: makeDecision({ feedback: NOTE }) }),
  },
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

/** The states of a card that a person can still do something with, by status. */
export const OPEN_CARDS: Readonly<Record<OpenStatus, Record<string, CardState>>> = {
  waiting: { ...WAITING, ...WAITING_REVIEWS },
  sending: SENDING,
  refused: { ...REFUSED, ...REFUSED_REVIEWS },
  undelivered: UNDELIVERED,
};

function makeSentWith(
  status: OpenStatus,
  failure: Failure,
  { unsure = false }: { unsure?: boolean } = {},
): CardState {
  const delivery = makeDelivery({ attempts: 3, unsure, failure });
  return { approval: makeInStatus(status, { delivery }) };
}
