import { type Approval, addFact, currentRound, findRound } from '../model/approval.ts';
import { isAccepted, type Round } from '../model/round.ts';
import { canBeUndone } from './delivery.ts';
import type { ApprovalEvent, AttentionEvent, PersonEvent } from './events.ts';
import { boundTime } from './lanes.ts';
import { closeHiddenQuestion } from './questions.ts';
import { type Refusal, refuseDecision } from './refusal.ts';
import { addNote, replaceRound, takeBackDecision } from './rounds.ts';
import { deadlineOf } from './timers.ts';

/** Time after which a claim ends by itself, in milliseconds. */
const CLAIM_FOR = 15 * 60_000;
const MOST_REFUSED = 100;

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
  const over = deadline !== undefined && deadline <= event.at;
  const undone = takeBackDecision(approval, {
    ...round,
    votes,
    ...(over ? { expiredAt: event.at } : {}),
  });
  const noted = addFact(undone, { at: event.at, what: 'undone', round: round.number, by: event.by });
  return closeHiddenQuestion(noted, event.at);
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
    const asked = addNote(replaceRound(approval, { ...round, assignee: event.to }), {
      kind: 'assigned',
      round: round.number,
      by,
      to: event.to,
    });
    return addFact(asked, { ...fact, what: 'assigned', detail: event.to });
  }
  const until = boundTime(round.claim?.until, at, CLAIM_FOR);
  const holder = until > at ? round.claim?.by : undefined;
  if (holder !== undefined && holder !== by) return { refusal: { code: 'claimed', by: holder } };
  const { claim: _, ...free } = round;
  const claimed: Round = event.type === 'claim' ? { ...free, claim: { by, until: at + CLAIM_FOR } } : free;
  const isNew = event.type === 'claim' && holder === undefined;
  const noted = isNew ? addNote(approval, { kind: 'claimed', round: round.number, by }) : approval;
  return addFact(replaceRound(noted, claimed), {
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
  const refused = round?.refusedPeople ?? [];
  if (!round || refused.includes(event.by) || refused.length >= MOST_REFUSED) return approval;
  const noted = replaceRound(approval, { ...round, refusedPeople: [...refused, event.by] });
  const { at, by, why } = event;
  return addFact(noted, { at, what: 'refused_person', round: round.number, by, detail: why });
}

/** Moves the next cards from a direct message that Slack rejected to a channel, in a thread of their own. */
export function moveToChannel(
  approval: Approval,
  { at, channel, why }: Extract<ApprovalEvent, { type: 'dm_rejected' }>,
): Approval {
  const next = approval.rounds.find(({ card }) => !card);
  if (!next || approval.channel === channel || currentRound(approval).card) return approval;
  return addFact(
    { ...approval, channel, threadRound: next.number },
    { at, what: 'fell_back', detail: `${channel}: ${why}` },
  );
}
