import type { ApprovalEvent } from '../lifecycle/events.ts';
import { claimLane, forgetShown } from '../lifecycle/lanes.ts';
import { nextSteps, type Step } from '../lifecycle/next-steps.ts';
import { applyEvent } from '../lifecycle/transitions.ts';
import type { Approval } from '../model/approval.ts';
import type { Dialect } from '../model/crew/dialect.ts';
import type { LaneName } from '../model/lane.ts';
import { createTicketId } from '../model/run/ticket.ts';

/** A step that a worker has taken, as it is recorded before its call. */
export interface ClaimedStep {
  approval: Approval;
  step: Step;
  owner: string;
  /** When it was taken, by the store's clock. */
  at: number;
}

/** The record with a lane taken by a worker, if a step of that lane is due. `soleWorker`: see `nextSteps`. */
export function claimStep(
  record: Approval,
  lane: LaneName,
  {
    owner,
    at,
    soleWorker,
    dialect,
  }: { owner: string; at: number; soleWorker: string | undefined; dialect: Dialect },
): ClaimedStep | undefined {
  const step = nextSteps(record, at, soleWorker).find((next) => next.lane === lane);
  if (!step || step.at > at) return undefined;
  return { approval: beginStep(claimLane(record, lane, owner, at), step, at, dialect), step, owner, at };
}

function beginStep(claimed: Approval, step: Step, at: number, dialect: Dialect): Approval {
  if (step.lane === 'card' && step.do === 'update') return forgetShown(claimed, step.round, step.card);
  if (step.lane !== 'delivery' || step.do === 'ask_status') return claimed;
  const { round } = step;
  const event: ApprovalEvent =
    step.do === 'fire_timers'
      ? { type: 'timers_due', at }
      : step.do === 'attempt'
        ? { type: 'attempt_started', at, round, dialect, ticket: createTicketId() }
        : { type: 'delivery_expired', at, round };
  return applyEvent(claimed, event);
}
