import { hash } from 'node:crypto';
import { type Approval, addFact, type Fact, RECORD_VERSION, setLane } from '../model/approval.ts';
import { type DecidedAs, writeDecidedAs } from '../model/facts.ts';
import type { Note } from '../model/note.ts';
import {
  type Decision,
  type Delivery,
  isAccepted,
  isOpen,
  listOptions,
  type Round,
  type SettledStatus,
} from '../model/round.ts';
import type { OutputEvent } from './events.ts';

/** Opens an approval with its first output. */
export function openApproval(
  head: Pick<
    Approval,
    | 'id'
    | 'crew'
    | 'executionId'
    | 'task'
    | 'titleOnly'
    | 'channel'
    | 'thread'
    | 'urls'
    | 'humanInputUrl'
    | 'policy'
  >,
  event: OutputEvent,
): Approval {
  const empty: Approval = {
    v: RECORD_VERSION,
    ...head,
    createdAt: event.at,
    rounds: [],
    notes: [],
    tasksNoted: [],
    lanes: { card: { failures: 0 }, thread: { failures: 0 }, delivery: { failures: 0 } },
    facts: [],
    factCount: 0,
  };
  return addRound(empty, event, false);
}

/** Adds a round that waits for a decision. */
export function addRound(approval: Approval, event: OutputEvent, unchanged: boolean): Approval {
  const { output, opening } = event;
  const { policy = approval.policy, ...openingFacts } = opening ?? {};
  const round: Round = {
    ...output,
    number: approval.rounds.length + 1,
    status: 'waiting',
    receivedAt: event.at,
    unchanged,
    mayHaveContinued: false,
    ...openingFacts,
    votes: [],
    duplicateCards: [],
  };
  return addFact(
    { ...setLane(approval, 'delivery', { failures: 0 }), policy, rounds: [...approval.rounds, round] },
    {
      at: event.at,
      what: 'received',
      round: round.number,
      detail: unchanged ? 'unchanged' : round.question?.tool ? 'tool call' : undefined,
      output: round.hashes[0],
    },
  );
}

export function replaceRound(approval: Approval, changedRound: Round): Approval {
  return {
    ...approval,
    rounds: approval.rounds.map((round) => (round.number === changedRound.number ? changedRound : round)),
  };
}

/** Records a round's decision, which is sent once it can no longer be undone. */
export function recordDecision(approval: Approval, round: Round, decision: Decision): Approval {
  const { undoWindow } = approval.policy;
  const undo = undoWindow > 0 && !decision.rule ? { undoUntil: decision.at + undoWindow } : {};
  const offered = round.question && undoWindow <= 0 ? { offeredAt: decision.at } : {};
  const delivery = { ...createDelivery(decision.at), ...undo, ...offered };
  const { claim: _, ...unclaimedRound } = round;
  const next = setLane(approval, 'delivery', { failures: 0 });
  return addFact(replaceRound(next, { ...unclaimedRound, status: 'sending', decision, delivery }), {
    at: decision.at,
    what: 'decided',
    round: round.number,
    by: decision.by || undefined,
    detail: writeDecidedAs({
      action: decision.action,
      ...readCallDecision(round, decision),
      ...(decision.rule ? { byRule: true } : {}),
    }),
    texts: hashDecisionTexts(decision),
    option: describeOption(round, decision),
    seen: decision.seen,
    rule: decision.rule,
    votes: round.votes.length > 1 ? round.votes.map(({ by }) => by) : undefined,
  });
}

/** Describes the chosen option for the history: its index, its id and the hash of its text. */
export function describeOption(
  { question, review }: Pick<Round, 'question' | 'review'>,
  { option: index }: Pick<Decision, 'option'>,
): Fact['option'] {
  const label = index === undefined ? undefined : listOptions({ question, review })?.[index];
  if (index === undefined || label === undefined) return undefined;
  return { index, id: question?.options?.[index]?.id, label: hash('sha256', label) };
}

/** Removes a decision that was not sent: the round waits again. */
export function takeBackDecision(approval: Approval, round: Round): Approval {
  const {
    decision: _,
    delivery: __,
    settledAt: ___,
    permissionEnded: ____,
    hidden: _____,
    ...openRound
  } = round;
  return replaceRound(approval, { ...openRound, status: 'waiting' });
}

/** Hashes the texts of a decision for the history. A text can be checked against the hash while it is kept, and deleted later. */
export function hashDecisionTexts({
  feedback,
  remark,
  edited,
  values,
}: Partial<Pick<Decision, 'feedback' | 'remark' | 'edited' | 'values'>>): string {
  const valueTexts = values === undefined ? [] : [values];
  return hash('sha256', JSON.stringify([feedback, remark ?? null, edited ?? null, ...valueTexts]));
}

/** Reads if a decision allows or blocks a tool call; undefined: the round is not a tool call, or no option was chosen. */
function readCallDecision(
  { question }: Round,
  { option }: Decision,
): Pick<DecidedAs, 'call' | 'allows'> | undefined {
  const chosenOption = question?.tool && question.options?.[option ?? -1];
  return (
    chosenOption && { call: chosenOption.id === 'allow' ? 'allowed' : 'blocked', allows: chosenOption.allows }
  );
}

export function createDelivery(at: number): Delivery {
  return { since: at, attempts: 0, underway: false, unsure: false };
}

/** Queues a note for the thread of the approval's cards. */
export function addNote(approval: Approval, note: Note): Approval {
  return { ...approval, notes: [...approval.notes, note] };
}

/** Deletes the callback of a settled review: nobody needs it any more, and anyone who has it could answer. */
function forgetCallback(round: Round): Round {
  if (round.review?.callbackUrl === undefined || isOpen(round)) return round;
  const { callbackUrl: _, ...review } = round.review;
  return { ...round, review };
}

/**
 * Settles a round. `proved`: the answer to the attempt did not show that the decision was accepted, but a later webhook, event or
 * question of the run did. An acceptance counts from `at`. `endAttempt` later adds the outcome of an attempt under way to the
 * history.
 */
export function settle(
  approval: Approval,
  round: Round,
  status: SettledStatus,
  at: number,
  cause: { proved?: boolean; by?: string; detail?: string } = {},
): Approval {
  const { hidden: _, ...withoutHidden } = round;
  const settledRound: Round = forgetCallback({ ...withoutHidden, status, settledAt: at });
  if (settledRound.delivery && isAccepted(settledRound)) {
    const acceptedDelivery: Delivery = { ...settledRound.delivery, acceptedAt: at };
    delete acceptedDelivery.failure;
    settledRound.delivery = acceptedDelivery;
  }
  const withNote =
    settledRound.decision && isAccepted(settledRound) && approval.hasRequester
      ? addNote(approval, { kind: 'to_requester', round: round.number, what: 'decided' })
      : approval;
  return addFact(replaceRound(withNote, settledRound), {
    at,
    what: status,
    round: round.number,
    by: cause.by,
    detail: cause.proved ? 'proved by a later webhook' : cause.detail,
  });
}

/** Adds an approver's note to the thread if CrewAI does not get it: in the live dialect the text sent may only be the yes. */
export function keepUnsentNote(
  approval: Approval,
  { action, by, feedback }: Decision,
  dialect: Delivery['dialect'] | undefined,
): Approval {
  const isUnsent = dialect === 'live' && action === 'approve' && feedback !== '';
  return isUnsent ? addNote(approval, { kind: 'for_people', by, text: feedback }) : approval;
}
