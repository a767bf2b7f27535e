import type { Round } from '../../approval/model/round.ts';
import type { RoundStatus } from '../../approval/model/round-status.ts';
import type { CardState } from './gallery-view.ts';
import type { OpenStatus } from './open-cards.ts';
import { AT, makeDecision, makeDelivery } from './records.ts';
import { makePressApproval, makePressRound, makePressRoundIn, makeRoundSentBack } from './samples.ts';

type SettledStatus = Exclude<RoundStatus, OpenStatus>;

const UNCONFIRMED = { delivery: makeDelivery({ acceptedAt: AT, dialect: 'live' }) };
const DECIDED_BEFORE = {
  settledAt: AT,
  decision: makeDecision({ feedback: 'Good.' }),
  delivery: makeDelivery(),
};

const APPROVED: Record<string, CardState> = {
  '': settled('approved'),
  'not confirmed': settled('approved', UNCONFIRMED),
  'run continued': settled('approved', { continuedAt: AT }),
  'with a note': settled('approved', {
    continuedAt: AT,
    decision: makeDecision({ feedback: 'Good. Post it on Monday.' }),
  }),
  'by the rule for expired approvals': settled('approved', {
    continuedAt: AT,
    decision: makeDecision({ rule: 'expiry', by: '' }),
  }),
  'CrewAI says otherwise': settled('approved', {
    delivery: makeDelivery({ dialect: 'documented', says: 'retrying' }),
  }),
  'run failed': {
    approval: makePressApproval([makePressRoundIn('approved', { continuedAt: AT })], {
      runFailure: { at: AT, reason: 'The model did not answer' },
    }),
  },
};

const REVISION_REQUESTED: Record<string, CardState> = {
  '': settled('revision_requested'),
  'not confirmed': settled('revision_requested', UNCONFIRMED),
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
    '': settled('resolved_elsewhere', { settledAt: AT }),
    'after a decision': settled('resolved_elsewhere', DECIDED_BEFORE),
    'task that does not wait': settled('resolved_elsewhere', { settledAt: AT, notWaiting: true }),
  },
  run_ended: {
    '': settled('run_ended', { settledAt: AT }),
    'after a decision': settled('run_ended', DECIDED_BEFORE),
    'run failed': {
      approval: makePressApproval([makePressRoundIn('run_ended', { settledAt: AT })], {
        runFailure: { at: AT },
      }),
    },
  },
  given_up: {
    '': settled('given_up', { settledAt: AT, givenUpBy: 'UCAT' }),
    unsure: settled('given_up', {
      ...DECIDED_BEFORE,
      givenUpBy: 'UCAT',
      delivery: makeDelivery({ attempts: 3, unsure: true }),
    }),
  },
};

function settled(status: SettledStatus, more: Partial<Round> = {}): CardState {
  return { approval: makePressApproval([makePressRoundIn(status, more)]) };
}
