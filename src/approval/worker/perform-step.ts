import { HELD_UP } from '../lifecycle/delivery.ts';

import type { Step } from '../lifecycle/next-steps.ts';
import { applyEvent } from '../lifecycle/transitions.ts';
import { type Approval, findRound } from '../model/approval.ts';
import type { Round } from '../model/round.ts';
import type { Execution } from '../model/run/execution.ts';
import { postCard, updateCard } from './card-steps.ts';
import { askRunStatus, attemptDelivery } from './delivery-steps.ts';
import type { StepOutcome, StepParts } from './step-outcome.ts';
import { runThreadStep } from './thread-step.ts';

/** Makes the call of one step: to Slack for a card or a note, to CrewAI for a decision. */
export async function performStep(
  parts: StepParts,
  approval: Approval,
  step: Step,
  execution?: Execution,
): Promise<StepOutcome> {
  if (step.lane === 'thread') return runThreadStep(parts, approval);
  const round = findRound(approval, step.round) as Round;
  if (step.lane === 'delivery') {
    return step.do === 'ask_status'
      ? askRunStatus(parts, approval, round, execution)
      : attemptDelivery(parts, approval, round, execution);
  }
  return step.do === 'post'
    ? postCard(parts, approval, round)
    : updateCard(parts, approval, round, step.card);
}

/** The outcome of a step whose call was not made, since its worker was delayed beyond its lease. */
export function describeHeldUp(parts: StepParts, step: Step, owner: string): StepOutcome {
  const { clock } = parts;
  const apply = (current: Approval) => {
    // If another worker took over the lease, record nothing: its attempt is the one that counts.
    const ours = current.lanes[step.lane].lease?.owner === owner;
    if (!ours || step.lane !== 'delivery' || step.do !== 'attempt') return current;
    const { round } = step;
    const ended = {
      type: 'attempt_ended',
      at: clock.now(),
      round,
      outcome: HELD_UP,
      backoffMs: 0,
    } as const;
    return applyEvent(current, ended);
  };
  return {
    apply,
    failed: true,
    fact: 'step delayed, retrying',
    about: { lane: step.lane },
  };
}
