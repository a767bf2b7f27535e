import { type Approval, addFact, findRound } from '../model/approval.ts';
import { type Card, needsPerson, type Round, type StandIn } from '../model/round.ts';
import { resetLane } from './lanes.ts';
import { addNote, replaceRound } from './rounds.ts';

/** A card of the round shows `card.shown` now: the one that was posted, with whom it mentions, or one of its duplicates. */
export function recordCard(
  approval: Approval,
  number: number,
  card: Card,
  at: number,
  {
    mentioned = [],
    nobody,
    assignee,
  }: { mentioned?: readonly string[]; nobody?: true | undefined; assignee?: string | undefined } = {},
): Approval {
  const round = findRound(approval, number);
  if (!round) return approval;
  const worked = resetLane(approval, 'card');
  if (!round.card) {
    const called = {
      ...(mentioned.length > 0 ? { mentioned: [...mentioned] } : {}),
      ...(nobody ? { unnotified: nobody } : {}),
      ...(assignee === undefined || round.assignee !== undefined ? {} : { assignee }),
    };
    return addFact(replaceRound(worked, { ...round, card, ...called }), {
      at,
      what: 'posted',
      round: number,
      detail: card.channel,
    });
  }
  const known = [round.card, ...round.duplicateCards].some((other) => other?.ts === card.ts);
  // Two workers posted, the first one frozen beyond its lease: both cards are ours.
  return replaceRound(worked, known ? replaceCard(round, card) : addDuplicate(round, card));
}

/** Who was asked while away, and who instead; the card shows it at its next update, which mentions nobody anew. */
export function recordStandIns(
  approval: Approval,
  number: number,
  standIns: readonly StandIn[],
  at: number,
): Approval {
  const round = findRound(approval, number);
  const known = (round?.standIns ?? []).map((one) => JSON.stringify(one));
  const added = standIns.filter((one) => !known.includes(JSON.stringify(one)));
  if (!round || (added.length === 0 && known.length === standIns.length)) return approval;
  return added
    .filter(({ asked }) => asked)
    .reduce(
      (told, { away, substitute }) =>
        addFact(told, { at, what: 'asked_instead', round: number, detail: `${substitute} for ${away}` }),
      replaceRound(approval, { ...round, standIns: [...standIns] }),
    );
}

/** What this card shows is not known until an update of it has its answer. */
export function forgetShown(approval: Approval, number: number, card: Card): Approval {
  const round = findRound(approval, number);
  return round ? replaceRound(approval, replaceCard(round, { ...card, shown: '' })) : approval;
}

/** A card was deleted in Slack: a waiting one is posted again, others are not. */
export function removeCard(approval: Approval, number: number, gone: Card, wanted: string): Approval {
  const round = findRound(approval, number);
  if (!round) return approval;
  const worked = resetLane(approval, 'card');
  if (round.card?.ts !== gone.ts) {
    return replaceRound(worked, {
      ...round,
      duplicateCards: round.duplicateCards.filter((other) => other.ts !== gone.ts),
    });
  }
  const { card: _, ...without } = round;
  return replaceRound(worked, needsPerson(round) ? without : replaceCard(round, { ...gone, shown: wanted }));
}

/** A card that Slack does not let us change any more: the thread says how the round stands now. */
export function freezeCard(
  approval: Approval,
  number: number,
  card: Card,
  shown: string,
  at: number,
): Approval {
  const round = findRound(approval, number);
  if (!round) return approval;
  const kept = replaceRound(resetLane(approval, 'card'), replaceCard(round, { ...card, shown }));
  return addFact(addNote(kept, { kind: 'card_frozen', round: number }), {
    at,
    what: 'card_frozen',
    round: number,
  });
}

/** Someone clicked on a card of this round that we did not know: from now on it is updated too. */
export function adoptCard(
  approval: Approval,
  number: number,
  where: { channel: string; ts: string },
): Approval {
  const round = findRound(approval, number);
  if (!round) return approval;
  const known = [round.card, ...round.duplicateCards].some((card) => card?.ts === where.ts);
  if (known) return approval;
  const card: Card = { ...where, shown: '' };
  return replaceRound(approval, round.card ? addDuplicate(round, card) : { ...round, card });
}

const MOST_DUPLICATES = 5;

function addDuplicate(round: Round, card: Card): Round {
  return { ...round, duplicateCards: [...round.duplicateCards, card].slice(-MOST_DUPLICATES) };
}

function replaceCard(round: Round, card: Card): Round {
  if (round.card?.ts === card.ts) return { ...round, card };
  return {
    ...round,
    duplicateCards: round.duplicateCards.map((other) => (other.ts === card.ts ? card : other)),
  };
}
