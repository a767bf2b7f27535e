import { type Approval, addFact } from '../model/approval.ts';
import { type Delivery, isAccepted, type Round } from '../model/round.ts';
import { isEarlier } from './lanes.ts';
import { replaceRound } from './rounds.ts';

type Times = Partial<Pick<Delivery, 'acceptedAt' | 'firstAttemptAt'>>;

/** Returns `at`, unless the webhook came in before the acceptance: then it proves nothing. */
const afterAcceptance = (at: number, { acceptedAt }: Times) => (isEarlier(at, acceptedAt) ? undefined : at);

/**
 * Proofs that a run continued after an accepted decision. Each returns when the run counts as continued; undefined: no proof.
 * `at`: when the proof came in. Times in milliseconds.
 */
const PROOFS = {
  /** A webhook of the run. */
  webhook: afterAcceptance,
  /** A webhook that is recorded late. A webhook from before the acceptance proves nothing, however long before. */
  past_webhook: (at, { acceptedAt = 0 }) => (at < acceptedAt ? undefined : at),
  /** A later pause. Counts from the first attempt on, whether the pause or the acceptance is recorded first. */
  later_pause: (at, { acceptedAt = 0, firstAttemptAt = acceptedAt }) =>
    at < firstAttemptAt ? afterAcceptance(at, { acceptedAt }) : Math.max(at, acceptedAt),
  /** An effect that only this decision has: its answer, or the end of the run. Counts whichever is recorded first. */
  follows: (at, { acceptedAt = 0 }) => Math.max(at, acceptedAt),
} as const satisfies Record<string, (at: number, times: Times) => number | undefined>;

/** Records that the run continued after the round's decision. `task`: the task that the run continued with, if named. */
export function recordContinued(
  approval: Approval,
  round: Round,
  { kind, at, task }: { kind: keyof typeof PROOFS; at: number; task?: string | undefined },
): Approval {
  const continuedAt = PROOFS[kind](at, round.delivery ?? {});
  if (!isAccepted(round) || round.continuedAt !== undefined || continuedAt === undefined) return approval;
  const continuation = task === undefined || task === approval.task ? {} : { continuedWith: task };
  return addFact(replaceRound(approval, { ...round, continuedAt, ...continuation }), {
    at: continuedAt,
    what: 'went_on',
    round: round.number,
  });
}
