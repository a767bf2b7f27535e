import { LEASE } from '../../../src/approval/lifecycle/lanes.ts';
import { dueAt } from '../../../src/approval/lifecycle/next-steps.ts';
import {
  type Approval,
  approvalSchema,
  currentRound,
  findRound,
} from '../../../src/approval/model/approval.ts';
import { type Decision, decisionSchema } from '../../../src/approval/model/decision.ts';
import { type LaneName, laneNames } from '../../../src/approval/model/lane.ts';
import type { Note } from '../../../src/approval/model/note.ts';
import type { Round } from '../../../src/approval/model/round.ts';
import { isAccepted } from '../../../src/approval/model/round-status.ts';
import { attemptEndedNow, attemptsOf, type Claim, type Watched } from './promises-claims.ts';
import { type Change, CLOCKS_DIFFER, checkAttempt, checkRounds } from './promises-rounds.ts';

/** Looks at every write of a record and at every call, and says which of them breaks a promise. */
export function createWatch({
  now,
  isVoid,
  stoodStillUntil,
  webhookCameAt,
  webhookCameSince,
  live,
  fault,
}: {
  now: () => number;
  /** The owner's process died, on a store for one process. */
  isVoid: (owner: string) => boolean;
  /** When the process was last frozen. */
  stoodStillUntil: (process: string) => number;
  /** A webhook of the run came in at that time. */
  webhookCameAt: (at: number) => boolean;
  /** One came in at that time or after it. */
  webhookCameSince: (at: number) => boolean;
  /** Played CrewAI keeps the live contract. */
  live: boolean;
  fault: (sentence: string) => void;
}) {
  const approvals = new Map<string, Watched>();

  function must(holds: boolean, sentence: string) {
    if (!holds) fault(sentence);
  }

  /** A record was written. `indexed`: its entries in the index of what is open. */
  function committed(process: string, raw: string, indexed: string[]) {
    const parsed = approvalSchema.safeParse(JSON.parse(raw).value);
    if (!parsed.success) return fault(`a record that cannot be read: ${parsed.error.message}`);
    const record = parsed.data;
    const known = approvals.get(record.id);
    const watched: Watched = known ?? {
      record,
      written: [],
      claims: [],
      epochs: new Map(),
      posted: new Map(),
      removed: new Map(),
    };
    const mine = watched.claims.find(
      (claim) => claim.process === process && claim.answer !== undefined && !claim.recorded,
    );
    const stood = heldUpNow(known, record);
    if (stood) Object.assign(stood, { answer: 'not_reached', recorded: true });
    const change: Change = {
      ...watched,
      before: known?.record,
      record,
      now: now(),
      mine,
      must,
      live,
      webhookCameSince,
    };
    checkRounds(change);
    checkWentOn(change);
    checkNotes(change);
    checkLanes(change, process);
    checkIndex(record, indexed);
    if (mine && attemptEndedNow(known?.record, record)) {
      mine.recorded = true;
      const round = known && findRound(known.record, currentRound(mine.record).number);
      mine.late = round?.status !== 'sending' || attemptsOf(watched, round).at(-1) !== mine;
    }
    watched.written.push(record);
    approvals.set(record.id, { ...watched, record });
  }

  function checkIndex(record: Approval, indexed: string[]) {
    const due = dueAt(record, now());
    must(indexed.length === (due === undefined ? 0 : 1), `open has ${indexed}, but it is due at ${due}`);
    const listed = Number(indexed[0]?.split('/')[1] ?? 0);
    must(due === undefined || listed <= due, `open lists it at ${listed}, but it is due at ${due}`);
  }

  function checkWentOn({ before, record }: Change) {
    for (const { number, status, continuedAt, delivery } of record.rounds) {
      if (continuedAt === undefined || (before && findRound(before, number)?.continuedAt !== undefined))
        continue;
      const accepted = isAccepted({ status });
      // The re-run's own output proves it, whenever it came; so does the next review of a Flow.
      const answered = status !== 'approved' && record.rounds.length > (before?.rounds.length ?? 0);
      const later = answered || continuedAt >= (delivery?.acceptedAt ?? Number.POSITIVE_INFINITY);
      // The crew's end comes once: it counts even if CrewAI's answer is recorded after it.
      const since = delivery?.firstAttemptAt ?? delivery?.acceptedAt ?? Number.POSITIVE_INFINITY;
      // What came under a continuation's id counts from when that id is known.
      const heard =
        answered ||
        webhookCameAt(continuedAt) ||
        record.runEndedAt !== undefined ||
        (live && webhookCameSince(since - CLOCKS_DIFFER));
      must(accepted && later && heard, `round ${number} went on, but no webhook came after it`);
    }
  }

  /** Notes leave the record one by one, each only once it is in the thread; which is next is checked when it is posted. */
  function checkNotes({ before, record, posted, removed }: Change) {
    const old = before?.notes.map((note) => JSON.stringify(note)) ?? [];
    const next = record.notes.map((note) => JSON.stringify(note));
    const gone = old.findIndex((note, index) => note !== next[index]);
    const first = old[gone];
    if (first === undefined) return;
    const rest = old.filter((_, index) => index !== gone);
    must(
      rest.every((note, index) => note === next[index]),
      `the notes ${old} became ${next}`,
    );
    const times = (removed.get(first) ?? 0) + 1;
    removed.set(first, times);
    const posts = (posted.get(first) ?? 0) >= times;
    must(posts || isPointless(record, first), `a note is gone that was not posted: ${first}`);
  }

  /** Nobody is reminded of a round that has been decided meanwhile. */
  function isPointless(record: Approval, text: string): boolean {
    const note = JSON.parse(text) as Note;
    return note.kind === 'reminder' && findRound(record, note.round)?.status !== 'waiting';
  }

  function checkLanes(change: Change, process: string) {
    const { before, record, claims } = change;
    for (const lane of laneNames) {
      const held = before?.lanes[lane].lease;
      const lease = record.lanes[lane].lease;
      if (held?.owner === lease?.owner) continue;
      const holder = claims.find((claim) => claim.owner === held?.owner);
      if (holder && lane === 'delivery' && beganAnew(change)) holder.disturbed = true;
      else if (held && !held.owner.startsWith(`${process}/`)) {
        const free = held.until <= now() || isVoid(held.owner);
        must(free, `${process} has taken ${lane}, but ${held.owner} holds it`);
        must(
          holder?.disturbed === true,
          `${process} has taken ${lane} over from ${held.owner}, who was well`,
        );
      }
      if (!lease) continue;
      must(lease.owner.startsWith(`${process}/`), `${process} has taken ${lane} for ${lease.owner}`);
      const sends = lane === 'delivery' && currentRound(record).status === 'sending';
      const at = lease.until - LEASE;
      const disturbed = at < now();
      must(
        at <= now() && (!disturbed || stoodStillUntil(process) > at),
        `${lease.owner} leases until ${lease.until}`,
      );
      if (sends) checkAttempt(change, record, at, must);
      const epoch = change.epochs.get(currentRound(record).number)?.number ?? 0;
      const begun = { disturbed, calls: 0, sends, epoch, recorded: false, late: false };
      claims.push({ owner: lease.owner, process, lane, record, at, ...begun });
    }
  }

  /** A call begins, under a claim that still holds. */
  function called(lane: LaneName, approval: Approval): Claim | undefined {
    const owner = approval.lanes[lane].lease?.owner;
    const watched = approvals.get(approval.id);
    const claim = watched?.claims.find((one) => one.owner === owner);
    if (!watched || !claim) return void fault(`a call of ${lane} without a claim`);
    const same = JSON.stringify(approvalSchema.parse(approval)) === JSON.stringify(claim.record);
    must(same, `a call of ${lane} with another record than the one that was claimed`);
    claim.calls += 1;
    must(claim.calls === 1, `a second call of ${lane} under one claim`);
    must(holds(claim) || claim.disturbed, `${owner} calls for ${lane}, but does not hold it any more`);
    return claim;
  }

  function leaseOf({ record: { id }, lane }: Claim) {
    const lease = approvals.get(id)?.record.lanes[lane].lease;
    return lease && lease.until > now() ? lease : undefined;
  }

  const holds = (claim: Claim) => leaseOf(claim)?.owner === claim.owner;
  const isHeld = (claim: Claim) => leaseOf(claim) !== undefined;

  /** A decision goes out: the recorded one, of the round that was the newest when it was claimed. */
  function sent(claim: Claim, { number }: Round, decision: Decision) {
    const newest = currentRound(claim.record).number;
    must(claim.sends, 'a decision is sent of a round that is not being sent');
    must(number === newest, `the decision of round ${number} is sent, but round ${newest} is the newest`);
    const recorded = findRound(claim.record, number)?.decision;
    const same = JSON.stringify(decisionSchema.parse(decision)) === JSON.stringify(recorded);
    must(same, 'another decision is sent than was recorded');
  }

  function notePosted(approval: Approval, note: Note) {
    const posted = approvals.get(approval.id)?.posted;
    const text = JSON.stringify(note);
    posted?.set(text, (posted.get(text) ?? 0) + 1);
  }

  /** These claims may be overtaken from now on. */
  function disturb(which: (claim: Claim) => boolean) {
    for (const { claims, record } of approvals.values()) {
      for (const claim of claims) {
        if (record.lanes[claim.lane].lease?.owner === claim.owner && which(claim)) claim.disturbed = true;
      }
    }
  }

  return { committed, called, holds, isHeld, sent, notePosted, disturb, approvals, must };
}

/** The claim whose worker stood still for so long before its call that it gave the lane back without it. */
function heldUpNow(known: Watched | undefined, record: Approval): Claim | undefined {
  const said = record.facts.some(
    ({ seq, what, detail }) =>
      seq > (known?.record.factCount ?? 0) && what === 'attempt_ended' && detail?.includes('HELD_UP'),
  );
  const owner = known?.record.lanes.delivery.lease?.owner;
  return said ? known?.claims.find((claim) => claim.owner === owner) : undefined;
}

/** There is a newer round or a decision to send: what was being sent before is history. */
function beganAnew({ before, record }: Change): boolean {
  const [old, current] = [before && currentRound(before), currentRound(record)];
  return old?.number !== current.number || (old.status !== 'sending' && current.status === 'sending');
}

export type Watch = ReturnType<typeof createWatch>;
