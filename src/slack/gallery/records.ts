import { type Approval, approvalSchema } from '../../approval/model/approval.ts';
import { DEFAULT_POLICY } from '../../approval/model/crew/task-rules.ts';
import type { Decision, Delivery } from '../../approval/model/decision.ts';
import type { Round } from '../../approval/model/round.ts';
import type { RoundStatus } from '../../approval/model/round-status.ts';

/** When everything in these records happened. */
export const AT = Date.UTC(2026, 2, 3, 9, 5);

/** Statuses that always have a decision; of the others some can have one. */
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

export function makeRound(more: Partial<Round> = {}): Round {
  return {
    number: 1,
    status: 'waiting',
    taskId: 'draft',
    humanInput: false,
    hashes: ['hash'],
    receivedAt: AT,
    unchanged: false,
    mayHaveContinued: false,
    votes: [],
    duplicateCards: [],
    ...more,
  };
}

/** A round in this status, as the domain leaves it. */
export function makeRoundIn(status: RoundStatus, more: Partial<Round> = {}): Round {
  const asked = status === 'revision_requested';
  const decision = makeDecision(asked ? { action: 'request_revision', feedback: 'Shorter' } : {});
  const decided = DECIDED.includes(status) ? { decision, delivery: makeDelivery() } : {};
  return makeRound({ status, ...decided, ...more });
}

export function makeApproval(rounds: Round[], more: Partial<Approval> = {}): Approval {
  const lane = { failures: 0 };
  return approvalSchema.parse({
    v: 2,
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
