import { type Approval, addFact, findRound } from '../model/approval.ts';
import { type Card, needsPerson, type Round, type StandIn } from '../model/round.ts';
import { resetLane } from './lanes.ts';
import { addNote, replaceRound } from './rounds.ts';

/** Records what a card of the round shows (`card.shown`): a new card, with whom it mentions, a known one, or a duplicate. */
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
  // Two workers posted a card, since the first was delayed beyond its lease: both cards are the bot's.
  return replaceRound(worked, known ? replaceCard(round, card) : addDuplicate(round, card));
}

/** Records who was asked while away, and who instead. The card shows this at its next update, which mentions nobody again. */
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

/** Forgets what a card shows, until an update of the card has its answer. */
export function forgetShown(approval: Approval, number: number, card: Card): Approval {
  const round = findRound(approval, number);
  return round ? replaceRound(approval, replaceCard(round, { ...card, shown: '' })) : approval;
}

/** Handles a card deleted in Slack: posted again if the round needs a person, otherwise counted as up to date. */
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

/** Stops updating a card that Slack no longer lets the bot change. The thread reports the round's state instead. */
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

/** Adds a card of this round that the bot did not know until someone clicked on it, so that the card is updated, too. */
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
