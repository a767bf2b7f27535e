import { buildCardFacts, hashCardFacts } from '../../src/approval/card-facts.ts';
import type { ApprovalEvent, OutputEvent, ResumeOutcome } from '../../src/approval/lifecycle/events.ts';
import type { Refusal } from '../../src/approval/lifecycle/refusal.ts';
import { transition } from '../../src/approval/lifecycle/transitions.ts';
import { type Approval, currentRound, RECORD_VERSION } from '../../src/approval/model/approval.ts';
import type { Dialect } from '../../src/approval/model/crew/dialect.ts';
import { DEFAULT_POLICY } from '../../src/approval/model/crew/task-rules.ts';
import type { Card, Decision, Delivery, Round } from '../../src/approval/model/round.ts';
import type { RoundOutput } from '../../src/approval/model/run/webhook.ts';

/** Last change of these tests' records; events come later. */
export const AT = 1_700_000_000_000;

export const approve: Decision = { action: 'approve', feedback: '', by: 'UANA', at: AT };
export const revision: Decision = { action: 'request_revision', feedback: 'Shorter', by: 'UANA', at: AT };

export function aDelivery(over: Partial<Delivery> = {}): Delivery {
  return { since: AT, attempts: 0, underway: false, unsure: false, ...over };
}

/** Deliveries after attempts with every outcome. Those that are neither refused nor accepted continue. */
export const deliveries = {
  notTried: aDelivery(),
  notArrived: aDelivery({
    attempts: 1,
    firstAttemptAt: AT,
    failure: { kind: 'not_reached', detail: 'ECONNREFUSED' },
  }),
  underway: aDelivery({ attempts: 1, firstAttemptAt: AT, underway: true }),
  unsure: aDelivery({
    attempts: 1,
    firstAttemptAt: AT,
    unsure: true,
    failure: { kind: 'unknown', detail: 'ETIMEDOUT' },
  }),
  underwayAfterUnsure: aDelivery({
    attempts: 2,
    firstAttemptAt: AT,
    unsure: true,
    underway: true,
    failure: { kind: 'unknown', detail: 'ETIMEDOUT' },
  }),
  refused: aDelivery({
    attempts: 1,
    firstAttemptAt: AT,
    failure: { kind: 'refused', status: 404 },
  }),
  accepted: aDelivery({ attempts: 1, firstAttemptAt: AT, acceptedAt: AT }),
};

export function aRound(over: Partial<Round> = {}): Round {
  return {
    number: 1,
    status: 'waiting',
    taskId: 'task-1',
    humanInput: false,
    hashes: ['S'],
    receivedAt: AT,
    unchanged: false,
    mayHaveContinued: false,
    votes: [],
    duplicateCards: [],
    ...over,
  };
}

/** Builds a decided round with this status and delivery. */
export function decided(
  status: Round['status'],
  decision: Decision,
  delivery: Delivery,
  over: Partial<Round> = {},
): Round {
  const open = status === 'sending';
  return aRound({
    status,
    votes: [decision],
    decision,
    delivery,
    ...(open ? {} : { settledAt: AT }),
    ...over,
  });
}

export function anApproval(rounds: readonly Round[] = [aRound()], over: Partial<Approval> = {}): Approval {
  return {
    v: RECORD_VERSION,
    id: '0123456789',
    crew: 'press',
    executionId: 'execution-1',
    task: 'draft',
    channel: 'CAPPROVALS',
    urls: {},
    policy: DEFAULT_POLICY,
    tasksNoted: [],
    createdAt: AT,
    rounds: rounds.map((round, index) => ({ ...round, number: index + 1 })),
    notes: [],
    lanes: { card: { failures: 0 }, thread: { failures: 0 }, delivery: { failures: 0 } },
    facts: [{ seq: 1, at: AT, what: 'received', round: 1 }],
    factCount: 1,
    ...over,
  };
}

/** Builds an approval whose round 1 (output O) was sent back and answered. The given round (output S) is round 2. */
export function secondRound(round: Round): Approval {
  const first = decided('revision_requested', revision, deliveries.accepted, {
    hashes: ['O'],
    continuedAt: AT,
  });
  return anApproval([first, round]);
}

/** Computes the hash of an up-to-date card of this round. */
export function hashOfCard(approval: Approval, round: Round): string {
  return hashCardFacts(buildCardFacts(approval, round));
}

/** Copies the approval with its cards posted and up to date. */
export function withCards(approval: Approval): Approval {
  const card = (number: number): Card => ({ channel: approval.channel, ts: `${number}.0`, shown: '' });
  const posted = {
    ...approval,
    rounds: approval.rounds.map((round) => ({ ...round, card: round.card ?? card(round.number) })),
  };
  return {
    ...posted,
    rounds: posted.rounds.map((round) => ({
      ...round,
      card: { ...round.card, shown: hashOfCard(posted, round) },
    })),
  };
}

/** Copies the approval with changes of its newest round. */
export function withCurrent(approval: Approval, over: Partial<Round>): Approval {
  const rounds = [...approval.rounds];
  rounds[rounds.length - 1] = { ...currentRound(approval), ...over };
  return { ...approval, rounds };
}

export function anOutput(
  hash: string,
  over: Partial<RoundOutput> & { opensRounds?: boolean; at?: number } = {},
): OutputEvent {
  const { opensRounds = true, at = AT + 1_000, ...output } = over;
  return {
    type: 'output',
    at,
    opensRounds,
    output: { taskId: 'task-1', humanInput: false, hashes: [hash], ...output },
  };
}

export const outcomes = {
  accepted: { kind: 'accepted' },
  not_pending: { kind: 'not_pending' },
  refused: { kind: 'refused', failure: { kind: 'refused', status: 422 } },
  not_reached: { kind: 'not_reached', failure: { kind: 'not_reached', status: 503 } },
  unknown: { kind: 'unknown', failure: { kind: 'unknown', detail: 'ECONNRESET' } },
} as const satisfies Record<string, ResumeOutcome>;

export const attemptEnded = (
  outcome: ResumeOutcome,
  round = 2,
  at = AT + 1_000,
  backoffMs = 2_000,
): ApprovalEvent => ({ type: 'attempt_ended', at, round, outcome, backoffMs });

export const attemptStarted = (
  round = 2,
  at = AT + 1_000,
  dialect: Dialect = 'documented',
): ApprovalEvent => ({
  type: 'attempt_started',
  dialect,
  at,
  round,
});

/** Builds a decision event. By default it approves the first round. */
export function decideBy(by: string, over: Partial<Extract<ApprovalEvent, { type: 'decide' }>> = {}) {
  const event = { type: 'decide', at: AT + 1_000, round: 1, action: 'approve', feedback: '', by } as const;
  return { ...event, ...over };
}

/** Applies events to an approval. Throws if one of them is refused. */
export function became(approval: Approval, ...events: ApprovalEvent[]): Approval {
  return events.reduce((current, event) => {
    const result = transition(current, event);
    if ('refusal' in result) throw new Error(`${event.type} was refused: ${result.refusal.code}`);
    return result.approval;
  }, approval);
}

/** Finds the refusal of an event. Throws if the event is not refused. */
export function refusalOf(approval: Approval, event: ApprovalEvent): Refusal {
  const result = transition(approval, event);
  if ('approval' in result) throw new Error(`${event.type} was not refused`);
  return result.refusal;
}

/** Copies an approval without its history and the bookkeeping of its attempts: what people see and can still do. */
export function visible(approval: Approval) {
  return {
    rounds: approval.rounds.map(({ delivery: _, ...round }) => ({
      ...round,
      shows: hashOfCard(approval, { ...round, ...(_ ? { delivery: _ } : {}) }),
    })),
    notes: approval.notes,
    lanes: approval.lanes,
  };
}
