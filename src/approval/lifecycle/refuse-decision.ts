import { type Approval, currentRound, type Round } from '../model/approval.ts';
import type { Refusal } from './refusal.ts';

/** Why this round can no longer be decided; undefined while it waits. */
export function refuseDecision(approval: Approval, round: Round): Refusal | undefined {
  if (round.status === 'waiting' && round.number === currentRound(approval).number) return undefined;
  const { decision, status } = round;
  const whose = decision ? { decision } : {};
  if (status === 'resolved_elsewhere' || status === 'run_ended' || status === 'given_up') {
    return { code: 'closed', status, ...whose };
  }
  if (status === 'superseded' || !decision) {
    return { code: 'superseded', current: currentRound(approval).number, ...whose };
  }
  return { code: 'already_decided', round: round.number, decision };
}
