import { DEFAULT_POLICY } from '../../approval/model/crew/task-rules.ts';
import type { Failure } from '../../approval/model/decision.ts';
import type { RoundStatus } from '../../approval/model/round-status.ts';
import { HERE } from '../../approval/notify/mentions.ts';
import type { CardState } from './gallery-view.ts';
import { SHORTER_RELEASE } from './outputs.ts';
import { AT, makeDecision, makeDelivery } from './records.ts';
import {
  makePressApproval,
  makePressRound,
  makePressRoundIn,
  makeRoundsWithSpentRule,
  makeTwoRounds,
} from './samples.ts';

export type OpenStatus = Extract<RoundStatus, 'waiting' | 'sending' | 'refused' | 'undelivered'>;

const TWO_REQUIRED = { policy: { ...DEFAULT_POLICY, approvalsRequired: 2 } };
const NOTE = 'Good. Please post it on Monday.';

const WAITING: Record<string, CardState> = {
  '': { approval: makePressApproval([makePressRound()]) },
  'two approvals required': { approval: makePressApproval([makePressRound()], TWO_REQUIRED) },
  'one of two approved': {
    approval: makePressApproval([makePressRound({ votes: [makeDecision()] })], TWO_REQUIRED),
  },
  claimed: { approval: makePressApproval([makePressRound({ claim: { by: 'UBEN', until: AT } })]) },
  assigned: { approval: makePressApproval([makePressRound({ assignee: 'UCAT' })]) },
  expired: { approval: makePressApproval([makePressRound({ expiredAt: AT })]) },
  'expired with the rule spent': {
    approval: makePressApproval(makeRoundsWithSpentRule()),
    output: SHORTER_RELEASE,
  },
  'another task reported': { approval: makePressApproval([makePressRound({ mayHaveContinued: true })]) },
  'no task webhook URL': { approval: makePressApproval([makePressRound()], { urls: {} }) },
  'run failed': {
    approval: makePressApproval([makePressRound()], { runFailure: { at: AT, reason: 'Out of tokens' } }),
  },
  'task without a name': {
    approval: makePressApproval([makePressRound()], {
      task: 'Spring collection in recycled linen',
      titleOnly: true,
    }),
  },
  'agent not known': {
    approval: makePressApproval([
      makePressRound({ agent: undefined, expectedOutput: undefined, description: 'Write the press release' }),
    ]),
  },
  'mentions people and groups': {
    approval: makePressApproval([makePressRound({ mentioned: ['UANA', 'SEDITORS'] })]),
  },
  'mentions the channel': { approval: makePressApproval([makePressRound({ mentioned: [HERE] })]) },
  'settings of the run ignored': {
    approval: makePressApproval([makePressRound()], {
      ignored: ['channel #sales is not one of this crew', 'no user "dora"'],
    }),
  },
  'nobody can decide': {
    approval: makePressApproval([makePressRound()], { tooFew: { able: 0, required: 1 } }),
  },
  'too few people can decide': {
    approval: makePressApproval([makePressRound()], { ...TWO_REQUIRED, tooFew: { able: 1, required: 2 } }),
  },
  'nobody can decide while the task is not known': {
    approval: makePressApproval([makePressRound()], { tooFew: { able: 0, required: 1, why: 'unnamed' } }),
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
    approval: makePressApproval(
      [
        makePressRound({
          votes: [makeDecision()],
          claim: { by: 'UBEN', until: AT },
          assignee: 'UCAT',
          expiredAt: AT,
          mayHaveContinued: true,
          mentioned: ['UANA', 'SEDITORS'],
        }),
      ],
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
  '': { approval: makePressApproval([makePressRoundIn('sending')]) },
  'can be undone': {
    approval: makePressApproval([
      makePressRoundIn('sending', { delivery: makeDelivery({ attempts: 0, undoUntil: AT }) }),
    ]),
  },
  'tried again': sentWith('sending', { kind: 'not_reached', status: 503 }),
  'with a note': {
    approval: makePressApproval([
      makePressRoundIn('sending', { decision: makeDecision({ feedback: NOTE }) }),
    ]),
  },
};

const REFUSED: Record<string, CardState> = {
  '401': sentWith('refused', { kind: 'refused', status: 401 }),
  '404': sentWith('refused', { kind: 'refused', status: 404 }),
  '422 that Retry cannot help': sentWith('refused', {
    kind: 'refused',
    status: 422,
    detail: 'human_feedback: field required',
  }),
  'after an unsure attempt': sentWith('refused', { kind: 'refused', status: 401 }, { unsure: true }),
};

const UNDELIVERED: Record<string, CardState> = {
  '': sentWith('undelivered', { kind: 'not_reached', detail: 'ECONNREFUSED' }),
  unsure: sentWith('undelivered', { kind: 'unknown', status: 500 }, { unsure: true }),
  'held up': sentWith('undelivered', { kind: 'not_reached', detail: 'HELD_UP' }),
  restored: sentWith('undelivered', { kind: 'unknown', detail: 'RESTORED' }, { unsure: true }),
};

/** The states of a card that a person can still do something with, by status. */
export const OPEN_CARDS: Readonly<Record<OpenStatus, Record<string, CardState>>> = {
  waiting: WAITING,
  sending: SENDING,
  refused: REFUSED,
  undelivered: UNDELIVERED,
};

function sentWith(
  status: OpenStatus,
  failure: Failure,
  { unsure = false }: { unsure?: boolean } = {},
): CardState {
  const delivery = makeDelivery({ attempts: 3, unsure, failure });
  return { approval: makePressApproval([makePressRoundIn(status, { delivery })]) };
}
