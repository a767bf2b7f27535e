import {
  type Approval,
  addFact,
  FREE_LANE,
  findRound,
  type Laned,
  type LaneName,
  type Lease,
  setLane,
} from '../model/approval.ts';
import type { Note } from '../model/note.ts';
import { type Card, needsPerson, type Round, type StandIn } from '../model/round.ts';
import { addNote, replaceRound } from './rounds.ts';

/**
 * A call that has not begun by then is not made: its lease would end before its answer. Reading, claiming and a call
 * of 8 s stay within a lease.
 */
export const CALL_BEGINS_WITHIN = 1_500;

/** After this time without a report a worker counts as stopped, in milliseconds. Calls time out before. */
export const LEASE = 10_000;

/** How far the clocks of two replicas may differ, in milliseconds. */
export const CLOCKS_DIFFER = 5_000;

/** A lease that ends later than this was not written by this clock. */
export const LONGEST_LEASE = LEASE + CLOCKS_DIFFER;

/** The longest that anything waits by itself before it is tried again, in milliseconds. */
export const DELAYED_AT_MOST = 60 * 60_000;

/**
 * A time that something waits for; 0 if it is further ahead than such a time can be, by the clock of any replica: the clock was
 * set back since. An index of records has no `now`: it takes times as they were recorded.
 */
export function boundTime(at: number | undefined, now: number, longest = DELAYED_AT_MOST): number {
  return at === undefined || (Number.isFinite(now) && at > now + longest + CLOCKS_DIFFER) ? 0 : at;
}

/** Whether something came before another time; by more than an hour: the clock was set back in between. */
export function isEarlier(at: number, than = 0): boolean {
  return at < than && than <= at + DELAYED_AT_MOST;
}

/**
 * When a lease ends; 0 if it does not count. `soleWorker`: on a store for one process, the owner of any other lease no longer
 * runs. `longest`: of such leases, in milliseconds.
 */
export function leasedUntil(
  lease: Lease | undefined,
  now: number,
  soleWorker: string | undefined,
  longest = LEASE,
): number {
  if (!lease || (soleWorker !== undefined && lease.owner.split('/')[0] !== soleWorker)) return 0;
  return boundTime(lease.until, now, longest);
}

export function claimLane<R extends Laned>(record: R, lane: LaneName, owner: string, now: number): R {
  return setLane(record, lane, {
    ...(record.lanes[lane] ?? FREE_LANE),
    lease: { owner, until: now + LEASE },
  });
}

/** Gives a lane back, unless another worker has taken it over meanwhile. */
export function releaseLane<R extends Laned>(record: R, lane: LaneName, owner: string): R {
  const held = record.lanes[lane] ?? FREE_LANE;
  if (held.lease?.owner !== owner) return record;
  const { lease: _, ...free } = held;
  return setLane(record, lane, free);
}

/**
 * The work of a lane failed; it is tried again at `notBefore`, in milliseconds by the store's clock. `blocked`: until
 * then only a person can help, and a start of the bot may be their sign that they did.
 */
export function failLane<R extends Laned>(record: R, lane: LaneName, notBefore: number, blocked = false): R {
  const { blocked: _, ...held } = record.lanes[lane] ?? FREE_LANE;
  const failures = held.failures + 1;
  return setLane(record, lane, { ...held, failures, notBefore, ...(blocked ? { blocked } : {}) });
}

/** Lanes that were blocked are tried again now; the same object when none was. */
export function unblockLanes<R extends Laned>(record: R): R {
  let freed = record;
  for (const [lane, { blocked, notBefore: _, ...open }] of Object.entries(record.lanes))
    if (blocked) freed = setLane(freed, lane as LaneName, open);
  return freed;
}

export function resetLane<R extends Laned>(record: R, lane: LaneName): R {
  const { notBefore: _, blocked: __, ...worked } = record.lanes[lane] ?? FREE_LANE;
  return setLane(record, lane, { ...worked, failures: 0 });
}

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

export function removeNote(approval: Approval, posted: Note): Approval {
  const text = JSON.stringify(posted);
  const at = approval.notes.findIndex((note) => JSON.stringify(note) === text);
  return resetLane({ ...approval, notes: approval.notes.filter((_, index) => index !== at) }, 'thread');
}

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

const FIRST = 1_000;
const LONGEST = 5 * 60_000;

/** How long to wait after so many failures in a row, in milliseconds: exponential with full jitter, from 1 s. */
export function backoff(failures: number, random: () => number, longest = LONGEST): number {
  const ceiling = Math.min(longest, FIRST * 2 ** Math.min(failures, 20));
  return FIRST + random() * (ceiling - FIRST);
}
