import type { Round } from '../../approval/model/round.ts';
import type { RoundStatus } from '../../approval/model/round-status.ts';
import type { CardState } from './gallery-view.ts';
import type { OpenStatus } from './open-cards.ts';
import { AT, makeDecision, makeDelivery } from './records.ts';
import { ANSWERED_REVIEWS, REVIEWS_ANSWERED_ELSEWHERE } from './review-cards.ts';
import {
  makeInStatus,
  makePressApproval,
  makePressRound,
  makePressRoundIn,
  makeRoundSentBack,
} from './samples.ts';

type SettledStatus = Exclude<RoundStatus, OpenStatus>;

const UNCONFIRMED = { delivery: makeDelivery({ acceptedAt: AT, dialect: 'live' }) };
const DECIDED_BEFORE = {
  settledAt: AT,
  decision: makeDecision({ feedback: 'Good.' }),
  delivery: makeDelivery(),
};

const APPROVED: Record<string, CardState> = {
  '': makeSettled('approved'),
  'not confirmed': makeSettled('approved', UNCONFIRMED),
  'run continued': makeSettled('approved', { continuedAt: AT }),
  'with a note': makeSettled('approved', {
    continuedAt: AT,
    decision: makeDecision({ feedback: 'Good. Post it on Monday.' }),
  }),
  'by the rule for expired approvals': makeSettled('approved', {
    continuedAt: AT,
    decision: makeDecision({ rule: 'expiry', by: '' }),
  }),
  'CrewAI says otherwise': makeSettled('approved', {
    delivery: makeDelivery({ dialect: 'documented', says: 'retrying' }),
  }),
  'run failed': {
    approval: makeInStatus(
      'approved',
      { continuedAt: AT },
      {
        runFailure: { at: AT, reason: 'The model did not answer' },
      },
    ),
  },
};

const REVISION_REQUESTED: Record<string, CardState> = {
  '': makeSettled('revision_requested'),
  'not confirmed': makeSettled('revision_requested', UNCONFIRMED),
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

/** The states of a card that is settled, by status. */
export const SETTLED_CARDS: Readonly<Record<SettledStatus, Record<string, CardState>>> = {
  approved: APPROVED,
  revision_requested: REVISION_REQUESTED,
  answered: ANSWERED_REVIEWS,
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
    '': makeSettled('resolved_elsewhere', { settledAt: AT }),
    'after a decision': makeSettled('resolved_elsewhere', DECIDED_BEFORE),
    ...REVIEWS_ANSWERED_ELSEWHERE,
    'task that does not wait': makeSettled('resolved_elsewhere', { settledAt: AT, notWaiting: true }),
  },
  run_ended: {
    '': makeSettled('run_ended', { settledAt: AT }),
    'after a decision': makeSettled('run_ended', DECIDED_BEFORE),
    'run failed': {
      approval: makeInStatus(
        'run_ended',
        { settledAt: AT },
        {
          runFailure: { at: AT },
        },
      ),
    },
  },
  given_up: {
    '': makeSettled('given_up', { settledAt: AT, givenUpBy: 'UCAT' }),
    unsure: makeSettled('given_up', {
      ...DECIDED_BEFORE,
      givenUpBy: 'UCAT',
      delivery: makeDelivery({ attempts: 3, unsure: true }),
    }),
  },
};

function makeSettled(status: SettledStatus, more: Partial<Round> = {}): CardState {
  return { approval: makeInStatus(status, more) };
}
