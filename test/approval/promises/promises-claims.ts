import type { ResumeOutcome } from '../../../src/approval/lifecycle/events.ts';
import { type Approval, currentRound } from '../../../src/approval/model/approval.ts';
import type { LaneName } from '../../../src/approval/model/lane.ts';
import type { Round } from '../../../src/approval/model/round.ts';

/** A lane that a worker took, and what came of it. */
export interface Claim {
  owner: string;
  process: string;
  lane: LaneName;
  /** The record as it was claimed. */
  record: Approval;
  at: number;
  /** Its worker died, stood still or had no store meanwhile: it may be overtaken. */
  disturbed: boolean;
  calls: number;
  /** It sends a decision. */
  sends: boolean;
  /** Of an attempt: which tries it belongs to; each Retry begins anew. */
  epoch: number;
  /** CrewAI's answer, once the worker heard it. */
  answer?: ResumeOutcome['kind'];
  /** How a Flow's review was answered before, as CrewAI says. */
  via?: string;
  /** The id of the run's continuation, of an answer that named one. */
  alias?: string;
  /** The answer is in the record. */
  recorded: boolean;
  /** It came when the round was no longer being sent, or another attempt had begun: the record stays unsure. */
  late: boolean;
}

/** What is known of one approval beside its record. */
export interface Watched {
  record: Approval;
  /** Every record that was on disk, the last is the one of now. */
  written: Approval[];
  claims: Claim[];
  /** By round: how often its tries began, and when they did last. */
  epochs: Map<number, { number: number; since: number }>;
  /** How often each note was posted, and how often it was taken out of the record. */
  posted: Map<string, number>;
  removed: Map<string, number>;
}

export function attemptsOf({ claims }: Pick<Watched, 'claims'>, round: Round): Claim[] {
  return claims.filter(({ sends, record }) => sends && currentRound(record).number === round.number);
}

/** Attempts of this round that CrewAI may have taken, as far as the record can know. */
export function mayHaveArrived(watched: Pick<Watched, 'claims'>, round: Round): Claim[] {
  return attemptsOf(watched, round).filter(
    ({ recorded, late, answer }) => !recorded || late || answer === 'unknown',
  );
}

/** When the first of them was, of the tries that began last. */
export function firstThatMayHaveArrived(watched: Watched, round: Round): number | undefined {
  const epoch = watched.epochs.get(round.number)?.number;
  return mayHaveArrived(watched, round).find((claim) => claim.epoch === epoch)?.at;
}

/** A new fact says that an attempt ended. */
export function attemptEndedNow(before: Approval | undefined, record: Approval): boolean {
  return record.facts.some(({ seq, what }) => seq > (before?.factCount ?? 0) && what === 'attempt_ended');
}
