import { type Approval, currentRound } from '../model/approval.ts';
import type { Round } from '../model/round.ts';
import { isClosed } from '../model/round-status.ts';
import type { Refusal } from './refusal.ts';

/** Why this round can no longer be decided; undefined while it waits. */
export function refuseDecision(approval: Approval, round: Round): Refusal | undefined {
  if (round.status === 'waiting' && round.number === currentRound(approval).number) return undefined;
  const { decision, status } = round;
  const whose = decision ? { decision } : {};
  if (isClosed(round) && status !== 'superseded') return { code: 'closed', status, ...whose };
  if (status === 'superseded' || !decision) {
    return { code: 'superseded', current: currentRound(approval).number, ...whose };
  }
  return { code: 'already_decided', round: round.number, decision };
}
