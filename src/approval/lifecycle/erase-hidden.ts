import type { Approval } from '../model/approval.ts';
import type { Round } from '../model/round.ts';

/** Returns when the next hidden values must be erased; undefined: no hidden values have such a time. */
export function findHiddenEnd({ rounds }: Approval): number | undefined {
  const times = rounds.flatMap(({ hidden }) => hidden?.until ?? []);
  return times.length > 0 ? Math.min(...times) : undefined;
}

/** Erases the hidden values that were kept for long enough. */
export function eraseHidden(approval: Approval, at: number): Approval {
  const isExpired = ({ hidden }: Round) => hidden?.until !== undefined && hidden.until <= at;
  if (!approval.rounds.some(isExpired)) return approval;
  const rounds = approval.rounds.map((round) => {
    if (!isExpired(round)) return round;
    const { hidden: _, ...withoutHidden } = round;
    return withoutHidden;
  });
  return { ...approval, rounds };
}
