import { type Approval, addFact, findRound } from '../model/approval.ts';
import type { Round } from '../model/round.ts';
import { allowsFurtherCalls } from '../model/tool-call.ts';
import type { ApprovalEvent, PersonEvent } from './events.ts';
import type { Refusal } from './refusal.ts';
import { replaceRound } from './rounds.ts';

/** Records a call that a person's earlier decision allows. */
export function allowCall(
  approval: Approval,
  { at, round: number, scope, hash, call }: Extract<ApprovalEvent, { type: 'call_allowed' }>,
): Approval {
  const round = findRound(approval, number);
  if (!round?.decision) return approval;
  const roundWithCall = { ...round, allowedCalls: [...(round.allowedCalls ?? []), call] };
  return addFact(replaceRound(approval, roundWithCall), {
    at,
    what: 'call_allowed',
    round: number,
    by: round.decision.by,
    detail: scope === 'call' ? 'the same call' : 'the same tool',
    output: hash,
  });
}

/** Ends a permission: people are asked about further calls again. The decision and the calls that it answered stay. */
export function endPermission(
  approval: Approval,
  { at, round: number, by }: PersonEvent,
): Approval | { refusal: Refusal } {
  const round = findRound(approval, number);
  if (!round) return { refusal: { code: 'unknown' } };
  if (allowsFurtherCalls(approval, round)) {
    const withEndedPermission = replaceRound(approval, { ...round, permissionEnded: { at, by } });
    return addFact(withEndedPermission, { at, what: 'permission_ended', round: number, by });
  }
  const { permissionEnded, givenUpBy } = round;
  if (permissionEnded?.by !== undefined)
    return { refusal: { code: 'permission_ended', by: permissionEnded.by, at: permissionEnded.at } };
  const hasEndedWithRun = givenUpBy === undefined && (permissionEnded ?? approval.runEndedAt) !== undefined;
  return { refusal: { code: hasEndedWithRun ? 'permission_over' : 'no_permission' } };
}

/** Ends the permissions of a run that was reported as ended, even if the run continues later. */
export function endPermissionsWithRun(approval: Approval): Approval {
  const { runEndedAt: at, rounds } = approval;
  if (at === undefined) return approval;
  const hasToolDecision = ({ question, decision }: Round) => question?.tool && decision;
  return {
    ...approval,
    rounds: rounds.map((round) => (hasToolDecision(round) ? { permissionEnded: { at }, ...round } : round)),
  };
}
