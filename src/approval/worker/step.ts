import type { App } from '../app.ts';
import { HELD_UP } from '../lifecycle/delivery.ts';
import type { ApprovalEvent } from '../lifecycle/events.ts';
import { claimLane, forgetShown } from '../lifecycle/lanes.ts';
import { nextSteps, type Step } from '../lifecycle/next-steps.ts';
import { applyEvent } from '../lifecycle/transitions.ts';
import { type Approval, findRound } from '../model/approval.ts';
import type { LaneName } from '../model/lane.ts';
import type { Round } from '../model/round.ts';
import type { Execution } from '../model/run/execution.ts';
import { createTicketId } from '../model/run/ticket.ts';
import { postCard, updateCard } from './card-steps.ts';
import { askRunStatus, attemptDelivery } from './delivery-steps.ts';
import type { StepOutcome } from './step-outcome.ts';
import { runThreadStep } from './thread-step.ts';

/** A step that a worker has taken, as it is recorded before its call. */
export interface ClaimedStep {
  approval: Approval;
  step: Step;
  owner: string;
  /** When it was taken, by the store's clock. */
  at: number;
}

/**
 * The record with a lane taken for `owner`, if a step of that lane is due: an attempt is recorded as begun before its
 * call. Timers and expired deliveries need no call: claiming them is all.
 */
export function claimStep(
  { clock, dialects, name, sole }: App,
  record: Approval,
  lane: LaneName,
  owner: string,
): ClaimedStep | undefined {
  const at = clock.now();
  const step = nextSteps(record, at, sole ? name : undefined).find((next) => next.lane === lane);
  if (!step || step.at > at) return undefined;
  const claimed = claimLane(record, lane, owner, at);
  const begin = (event: ApprovalEvent) => ({ approval: applyEvent(claimed, event), step, owner, at });
  switch (step.do) {
    case 'update':
      return { approval: forgetShown(claimed, step.round, step.card), step, owner, at };
    case 'fire_timers':
      return begin({ type: 'timers_due', at });
    case 'expire_delivery':
      return begin({ type: 'delivery_expired', at, round: step.round });
    case 'attempt': {
      const dialect = dialects.of(record.crew);
      return begin({ type: 'attempt_started', at, round: step.round, dialect, ticket: createTicketId() });
    }
    default:
      return { approval: claimed, step, owner, at };
  }
}

/** Makes the call of one step: to Slack for a card or a note, to CrewAI for a decision. */
export async function performStep(
  app: App,
  approval: Approval,
  step: Step,
  execution?: Execution,
): Promise<StepOutcome> {
  if (step.lane === 'thread') return runThreadStep(app, approval);
  const round = findRound(approval, step.round) as Round;
  switch (step.do) {
    case 'post':
      return postCard(app, approval, round);
    case 'update':
      return updateCard(app, approval, round, step.card);
    case 'ask_status':
      return askRunStatus(app, approval, round, execution);
    default:
      return attemptDelivery(app, approval, round, execution);
  }
}

/** The outcome of a step whose call was not made, since its worker was delayed beyond its lease. */
export function describeHeldUp({ clock }: App, { step, owner }: ClaimedStep): StepOutcome {
  const apply = (current: Approval) => {
    // If another worker took over the lease, record nothing: its attempt is the one that counts.
    const ours = current.lanes[step.lane].lease?.owner === owner;
    if (!ours || step.lane !== 'delivery' || step.do !== 'attempt') return current;
    const at = clock.now();
    const { round } = step;
    return applyEvent(current, { type: 'attempt_ended', at, round, outcome: HELD_UP, backoffMs: 0 });
  };
  return { apply, failed: true, fact: 'step delayed, retrying', about: { lane: step.lane } };
}
