export const roundStatuses = [
  'waiting',
  'sending',
  'refused',
  'undelivered',
  'approved',
  'revision_requested',
  'answered',
  'superseded',
  'resolved_elsewhere',
  'run_ended',
  'given_up',
] as const;
export type RoundStatus = (typeof roundStatuses)[number];

interface Meaning {
  /** `open`: something still has to happen; `accepted`: CrewAI took the decision; `closed`: over without one. */
  is: 'open' | 'accepted' | 'closed';
  /** A person has to act: decide, or say what becomes of a decision that was not delivered. */
  needsPerson: boolean;
  /** It has a decision that CrewAI has not accepted yet. */
  undelivered: boolean;
}

/** What each status means; everything that asks for a group of statuses asks here. */
const MEANINGS: Readonly<Record<RoundStatus, Meaning>> = {
  waiting: { is: 'open', needsPerson: true, undelivered: false },
  sending: { is: 'open', needsPerson: false, undelivered: true },
  refused: { is: 'open', needsPerson: true, undelivered: true },
  undelivered: { is: 'open', needsPerson: true, undelivered: true },
  approved: { is: 'accepted', needsPerson: false, undelivered: false },
  revision_requested: { is: 'accepted', needsPerson: false, undelivered: false },
  answered: { is: 'accepted', needsPerson: false, undelivered: false },
  superseded: { is: 'closed', needsPerson: false, undelivered: false },
  resolved_elsewhere: { is: 'closed', needsPerson: false, undelivered: false },
  run_ended: { is: 'closed', needsPerson: false, undelivered: false },
  given_up: { is: 'closed', needsPerson: false, undelivered: false },
};

type WithStatus = Readonly<{ status: RoundStatus }>;

/** Whether a round waits for a decision, or its decision has not come to an end. */
export function isOpen({ status }: WithStatus): boolean {
  return MEANINGS[status].is === 'open';
}

/** Whether CrewAI accepted the round's decision. */
export function isAccepted({ status }: WithStatus): boolean {
  return MEANINGS[status].is === 'accepted';
}

/** Whether the round ended without a decision that CrewAI accepted. */
export function isClosed({ status }: WithStatus): boolean {
  return MEANINGS[status].is === 'closed';
}

/** Whether a person has something to do: decide, or say what becomes of a decision that was not delivered. */
export function roundNeedsPerson({ status }: WithStatus): boolean {
  return MEANINGS[status].needsPerson;
}

/** Whether the round has a decision that CrewAI has not accepted yet. */
export function hasUndeliveredDecision({ status }: WithStatus): boolean {
  return MEANINGS[status].undelivered;
}
