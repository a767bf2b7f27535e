import { type Approval, addFact, currentRound, findRound } from '../model/approval.ts';
import { isAccepted, type Round } from '../model/round.ts';
import { canBeUndone } from './delivery.ts';
import type { ApprovalEvent, AttentionEvent, PersonEvent } from './events.ts';
import { ignoreFarTime } from './lanes.ts';
import { closeHiddenQuestion } from './questions.ts';
import { type Refusal, refuseDecision } from './refusal.ts';
import { addNote, replaceRound, takeBackDecision } from './rounds.ts';
import { deadlineOf } from './timers.ts';

/** Time after which a claim ends by itself, in milliseconds. */
const CLAIM_LENGTH = 15 * 60_000;
const MAX_REFUSED = 100;

/** Takes back a decision that was not sent yet. Only the person who made it can. */
export function undo(approval: Approval, event: PersonEvent): Approval | { refusal: Refusal } {
  const round = findRound(approval, event.round);
  if (!round) return { refusal: { code: 'unknown' } };
  const { decision, delivery } = round;
  if (isAccepted(round)) return { refusal: { code: 'not_undone', why: 'sent' } };
  if (round.status !== 'sending' || !decision || !delivery) {
    return { refusal: refuseDecision(approval, round) ?? { code: 'not_undone', why: 'nothing' } };
  }
  if (decision.by !== event.by) return { refusal: { code: 'not_undone', why: 'not_yours' } };
  if (!canBeUndone(round) || event.at >= (delivery.undoUntil ?? 0)) {
    return { refusal: { code: 'not_undone', why: 'sent' } };
  }
  const votes = round.votes.filter((vote) => vote.by !== event.by);
  // After an undo, an expiry rule whose deadline has passed does not decide.
  const deadline = deadlineOf(approval, round);
  const isOverdue = deadline !== undefined && deadline <= event.at;
  const waitingAgain = takeBackDecision(approval, {
    ...round,
    votes,
    ...(isOverdue ? { expiredAt: event.at } : {}),
  });
  const withFact = addFact(waitingAgain, { at: event.at, what: 'undone', round: round.number, by: event.by });
  return closeHiddenQuestion(withFact, event.at);
}

/** Claims, releases or assigns a waiting round. Others may still decide. */
export function claimOrAssign(approval: Approval, event: AttentionEvent): Approval | { refusal: Refusal } {
  const round = findRound(approval, event.round);
  if (!round) return { refusal: { code: 'unknown' } };
  const refusal = refuseDecision(approval, round);
  if (refusal) return { refusal };
  const { at, by } = event;
  const fact = { at, round: round.number, by };
  if (event.type === 'assign') {
    const withAssignee = addNote(replaceRound(approval, { ...round, assignee: event.to }), {
      kind: 'assigned',
      round: round.number,
      by,
      to: event.to,
    });
    return addFact(withAssignee, { ...fact, what: 'assigned', detail: event.to });
  }
  const until = ignoreFarTime(round.claim?.until, at, CLAIM_LENGTH);
  const holder = until > at ? round.claim?.by : undefined;
  if (holder !== undefined && holder !== by) return { refusal: { code: 'claimed', by: holder } };
  const { claim: _, ...unclaimedRound } = round;
  const claimedRound: Round =
    event.type === 'claim' ? { ...unclaimedRound, claim: { by, until: at + CLAIM_LENGTH } } : unclaimedRound;
  const isNew = event.type === 'claim' && holder === undefined;
  const withNote = isNew ? addNote(approval, { kind: 'claimed', round: round.number, by }) : approval;
  return addFact(replaceRound(withNote, claimedRound), {
    ...fact,
    what: event.type === 'claim' ? 'claimed' : 'released',
  });
}

/** Records that a person may not decide, once per person and round. */
export function recordRefusedPerson(
  approval: Approval,
  event: { at: number; round: number; by: string; why: string },
): Approval {
  const round = findRound(approval, event.round);
  const refusedPeople = round?.refusedPeople ?? [];
  if (!round || refusedPeople.includes(event.by) || refusedPeople.length >= MAX_REFUSED) return approval;
  const withRefusedPerson = replaceRound(approval, { ...round, refusedPeople: [...refusedPeople, event.by] });
  const { at, by, why } = event;
  return addFact(withRefusedPerson, { at, what: 'refused_person', round: round.number, by, detail: why });
}

/** Moves the next cards from a direct message that Slack rejected to a channel, in a new thread. */
export function moveToChannel(
  approval: Approval,
  { at, channel, why }: Extract<ApprovalEvent, { type: 'dm_rejected' }>,
): Approval {
  const unpostedRound = approval.rounds.find(({ card }) => !card);
  if (!unpostedRound || approval.channel === channel || currentRound(approval).card) return approval;
  return addFact(
    { ...approval, channel, threadRound: unpostedRound.number },
    { at, what: 'fell_back', detail: `${channel}: ${why}` },
  );
}
