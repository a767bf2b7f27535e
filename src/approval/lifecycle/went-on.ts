import { type Approval, addFact } from '../model/approval.ts';
import { type Delivery, isAccepted, type Round } from '../model/round.ts';
import { isEarlier } from './lanes.ts';
import { replaceRound } from './rounds.ts';

type Times = Partial<Pick<Delivery, 'acceptedAt' | 'firstAttemptAt'>>;

/** A webhook that came in before the acceptance proves nothing. */
const afterAcceptance = (at: number, { acceptedAt }: Times) => (isEarlier(at, acceptedAt) ? undefined : at);

/**
 * What shows that a run continued after a decision that CrewAI accepted, and since when it counts as continued; undefined: it
 * proves nothing. `at`: when it came in. Times in milliseconds.
 */
const PROOFS = {
  /** A webhook of the run. */
  webhook: afterAcceptance,
  /** A webhook that is recorded late. Before the acceptance it proves nothing, however long before. */
  past_webhook: (at, { acceptedAt = 0 }) => (at < acceptedAt ? undefined : at),
  /** A later pause. It counts from the first attempt on, whichever is recorded first: the pause or the acceptance. */
  later_pause: (at, { acceptedAt = 0, firstAttemptAt = acceptedAt }) =>
    at < firstAttemptAt ? afterAcceptance(at, { acceptedAt }) : Math.max(at, acceptedAt),
  /** What only this decision leads to: its answer, or the end of the run. It counts whichever is recorded first. */
  follows: (at, { acceptedAt = 0 }) => Math.max(at, acceptedAt),
} as const satisfies Record<string, (at: number, times: Times) => number | undefined>;

/** Records that the run continued after the round's decision. `task`: the task it continued with, if that is named. */
export function recordWentOn(
  approval: Approval,
  round: Round,
  { kind, at, task }: { kind: keyof typeof PROOFS; at: number; task?: string | undefined },
): Approval {
  const continuedAt = PROOFS[kind](at, round.delivery ?? {});
  if (!isAccepted(round) || round.continuedAt !== undefined || continuedAt === undefined) return approval;
  const next = task === undefined || task === approval.task ? {} : { continuedWith: task };
  return addFact(replaceRound(approval, { ...round, continuedAt, ...next }), {
    at: continuedAt,
    what: 'went_on',
    round: round.number,
  });
}
