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
  const withFreeLane = resetLane(approval, 'card');
  if (!round.card) {
    const audienceFacts = {
      ...(mentioned.length > 0 ? { mentioned: [...mentioned] } : {}),
      ...(nobody ? { unnotified: nobody } : {}),
      ...(assignee === undefined || round.assignee !== undefined ? {} : { assignee }),
    };
    return addFact(replaceRound(withFreeLane, { ...round, card, ...audienceFacts }), {
      at,
      what: 'posted',
      round: number,
      detail: card.channel,
    });
  }
  const isKnownCard = [round.card, ...round.duplicateCards].some((roundCard) => roundCard?.ts === card.ts);
  // Two workers posted a card, since the first was delayed beyond its lease: both cards are the bot's.
  return replaceRound(withFreeLane, isKnownCard ? replaceCard(round, card) : addDuplicate(round, card));
}

/** Records who was asked while away, and who instead. The card shows this at its next update, which mentions nobody again. */
export function recordStandIns(
  approval: Approval,
  number: number,
  standIns: readonly StandIn[],
  at: number,
): Approval {
  const round = findRound(approval, number);
  const recordedTexts = (round?.standIns ?? []).map((standIn) => JSON.stringify(standIn));
  const newStandIns = standIns.filter((standIn) => !recordedTexts.includes(JSON.stringify(standIn)));
  if (!round || (newStandIns.length === 0 && recordedTexts.length === standIns.length)) return approval;
  return newStandIns
    .filter(({ asked }) => asked)
    .reduce(
      (updated, { away, substitute }) =>
        addFact(updated, { at, what: 'asked_instead', round: number, detail: `${substitute} for ${away}` }),
      replaceRound(approval, { ...round, standIns: [...standIns] }),
    );
}

/** Forgets what a card shows, until an update of the card has its answer. */
export function clearShownContent(approval: Approval, number: number, card: Card): Approval {
  const round = findRound(approval, number);
  return round ? replaceRound(approval, replaceCard(round, { ...card, shown: '' })) : approval;
}

/** Handles a card deleted in Slack: posted again if the round needs a person, otherwise counted as up to date. */
export function removeCard(
  approval: Approval,
  number: number,
  deletedCard: Card,
  shownHash: string,
): Approval {
  const round = findRound(approval, number);
  if (!round) return approval;
  const withFreeLane = resetLane(approval, 'card');
  if (round.card?.ts !== deletedCard.ts) {
    return replaceRound(withFreeLane, {
      ...round,
      duplicateCards: round.duplicateCards.filter((duplicate) => duplicate.ts !== deletedCard.ts),
    });
  }
  const { card: _, ...withoutCard } = round;
  return replaceRound(
    withFreeLane,
    needsPerson(round) ? withoutCard : replaceCard(round, { ...deletedCard, shown: shownHash }),
  );
}

/**
 * Counts a card as up to date that Slack no longer lets the bot change: only the next change of the round is tried again. The
 * thread reports the round's state instead.
 */
export function freezeCard(
  approval: Approval,
  number: number,
  card: Card,
  shown: string,
  at: number,
): Approval {
  const round = findRound(approval, number);
  if (!round) return approval;
  const withFrozenCard = replaceRound(resetLane(approval, 'card'), replaceCard(round, { ...card, shown }));
  return addFact(addNote(withFrozenCard, { kind: 'card_frozen', round: number }), {
    at,
    what: 'card_frozen',
    round: number,
  });
}

/** Adds a card of this round that the bot did not know until someone clicked on it, so that the card is updated, too. */
export function adoptCard(
  approval: Approval,
  number: number,
  place: { channel: string; ts: string },
): Approval {
  const round = findRound(approval, number);
  if (!round) return approval;
  const isKnownCard = [round.card, ...round.duplicateCards].some((roundCard) => roundCard?.ts === place.ts);
  if (isKnownCard) return approval;
  const card: Card = { ...place, shown: '' };
  return replaceRound(approval, round.card ? addDuplicate(round, card) : { ...round, card });
}

const MAX_DUPLICATES = 5;

function addDuplicate(round: Round, card: Card): Round {
  return { ...round, duplicateCards: [...round.duplicateCards, card].slice(-MAX_DUPLICATES) };
}

function replaceCard(round: Round, card: Card): Round {
  if (round.card?.ts === card.ts) return { ...round, card };
  return {
    ...round,
    duplicateCards: round.duplicateCards.map((duplicate) => (duplicate.ts === card.ts ? card : duplicate)),
  };
}
