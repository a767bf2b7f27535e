import { type Approval, addFact, currentRound } from '../model/approval.ts';
import { findAction, isIrreversible } from '../model/crew/effect.ts';
import { buildPolicy, type CrewRules, type Policy } from '../model/crew/task-rules.ts';
import type { Decision } from '../model/round.ts';
import { replaceRound } from './rounds.ts';

/** True if a vote still counts for what is irreversible: its place showed all of the round, or it sends the round back. */
function isOfWhole({ action, seen }: Decision): boolean {
  const hasSeenWhole = seen?.hash !== undefined && seen.part === undefined && seen.place !== 'several';
  return action === 'request_revision' || hasSeenWhole;
}

/**
 * Marks a round that was waiting before the settings called its action irreversible. A mark stays, whatever the settings say later.
 * `crew`: undefined if it is no longer in the settings. `at`: in milliseconds.
 */
export function markIrreversible(approval: Approval, crew: CrewRules | undefined, at: number): Approval {
  const round = currentRound(approval);
  if (!crew || round.status !== 'waiting' || round.irreversible) return approval;
  if (!isIrreversible(crew, findAction(approval))) return approval;
  return markRound(approval, buildPolicy(crew, round.unnamed ? undefined : approval.task, true), at);
}

/** Marks the last round, which waits, as irreversible. `stricterPolicy`: the policy of what is irreversible. */
export function markRound(approval: Approval, stricterPolicy: Policy, at: number): Approval {
  const round = currentRound(approval);
  const { policy } = approval;
  const markedApproval: Approval = {
    ...replaceRound(approval, { ...round, irreversible: true, votes: round.votes.filter(isOfWhole) }),
    policy: {
      ...policy,
      approvalsRequired: Math.max(policy.approvalsRequired, stricterPolicy.approvalsRequired),
      undoWindow: Math.max(policy.undoWindow, stricterPolicy.undoWindow),
    },
  };
  return addFact(markedApproval, { at, what: 'marked_irreversible', round: round.number });
}
