import { type Approval, currentRound, findRound } from '../../../src/approval/model/approval.ts';
import type { Decision } from '../../../src/approval/model/decision.ts';
import type { Round } from '../../../src/approval/model/round.ts';
import type { RoundStatus } from '../../../src/approval/model/round-status.ts';
import {
  attemptEndedNow,
  attemptsOf,
  type Claim,
  firstThatMayHaveArrived,
  mayHaveArrived,
  type Watched,
} from './promises-claims.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** How far the clocks of two processes may differ. */
export const CLOCKS_DIFFER = 5_000;
/** A decision can be this long on its way to the disk. */
const DEADLINE = 2_000;
const OPEN: readonly RoundStatus[] = ['waiting', 'sending', 'refused', 'undelivered'];
const DECIDED_BY = {
  approved: 'approve',
  revision_requested: 'request_revision',
  answered: 'choose',
} as const;
const DECIDED: readonly RoundStatus[] = ['sending', 'refused', 'undelivered'];

/** A record was written. */
export interface Change extends Watched {
  before: Approval | undefined;
  now: number;
  /** The attempt whose answer the writing worker has, and did not record before. */
  mine: Claim | undefined;
  must: (holds: boolean, sentence: string) => void;
  /** Played CrewAI keeps the live contract. */
  live: boolean;
  /** A webhook of the run came in at that time or after it. */
  webhookCameSince: (at: number) => boolean;
}

/** Rounds stay, in their order, and only the newest is open. */
export function checkRounds(change: Change) {
  const { before, record, must } = change;
  must(record.rounds.length >= (before?.rounds.length ?? 0), 'a round is gone');
  for (const round of before ? record.rounds.slice(before.rounds.length) : []) {
    const shown = before?.rounds.some((other) => isSamePause(other, round));
    const asked = before && currentRound(before).status === 'revision_requested';
    must(!shown || asked === true, `a webhook delivered again has opened round ${round.number}`);
  }
  record.rounds.forEach((round, index) => {
    must(round.number === index + 1, `round ${index + 1} is numbered ${round.number}`);
    const newest = index === record.rounds.length - 1;
    must(
      newest || !OPEN.includes(round.status),
      `round ${round.number} is ${round.status} beside a newer one`,
    );
    checkRound(change, round);
  });
}

/** With human-input webhooks the task id tells pauses apart, even when they show the same output. */
function isSamePause(one: Round, other: Round): boolean {
  const told = one.humanInput && other.humanInput && one.taskId !== other.taskId;
  return !told && one.hashes.some((hash) => other.hashes.includes(hash));
}

function checkRound(change: Change, round: Round) {
  const { before, record, epochs, now, must } = change;
  const was = before && findRound(before, round.number);
  const name = `round ${round.number} of ${record.task}`;
  const kept = !was?.decision || JSON.stringify(was.decision) === JSON.stringify(round.decision);
  must(kept, `the decision of ${name} changed: ${JSON.stringify([was?.decision, round.decision])}`);
  checkVotes(change, was, round, name);
  if (round.status === 'sending' && was?.status !== 'sending') {
    epochs.set(round.number, { number: (epochs.get(round.number)?.number ?? 0) + 1, since: now });
  }
  if (round.silentAt !== undefined && was?.silentAt === undefined) checkSilence(change, round, name);
  if (was?.status !== round.status) checkStatus(change, was?.status ?? 'new', round, name);
  else if (was.status === 'sending') checkSentOn(change, round, name);
}

/** What a vote is for: people who choose the same option of a Flow vote for the same. */
const choiceOf = ({ action, option }: Decision) => (option === undefined ? action : `${action} ${option}`);

/** Each person has one vote, none is lost, and so many people decide as have to. */
function checkVotes({ record, must }: Change, was: Round | undefined, round: Round, name: string) {
  const { votes, decision, status } = round;
  const voters = new Set(votes.map(({ by }) => by));
  must(voters.size === votes.length, `someone voted twice on ${name}`);
  for (const { by } of was?.votes ?? []) must(voters.has(by), `the vote of ${by} on ${name} is gone`);
  const required = record.policy.approvalsRequired;
  const agreeing = (one: Decision) => votes.filter((vote) => choiceOf(vote) === choiceOf(one)).length;
  const enough = votes.find((vote) => vote.action !== 'request_revision' && agreeing(vote) >= required);
  must(
    status !== 'waiting' || !enough,
    `${name} waits, though ${required} want ${enough && choiceOf(enough)}`,
  );
  if (!decision || was?.decision) return;
  const mine = votes.find(({ by }) => by === decision.by);
  const voted = mine && choiceOf(mine) === choiceOf(decision);
  must(voted === true, `${name} was decided by ${decision.by}, who did not vote so`);
  const alone = decision.action === 'request_revision';
  must(alone || agreeing(decision) >= required, `${name} was decided by ${agreeing(decision)} people only`);
}

/** What each status asks for before a card may say it. */
function checkStatus(change: Change, from: RoundStatus | 'new', round: Round, name: string) {
  const { before, record, mine, must } = change;
  const answer = mine && currentRound(mine.record).number === round.number ? mine.answer : undefined;
  // How a Flow's review was answered: not by us.
  const byOthers = answer === 'not_pending' && mine?.via !== undefined && mine.via !== 'api';
  const said = `${name} went from ${from} to ${round.status} (CrewAI: ${answer ?? 'no answer'})`;
  const wasOpen = OPEN.some((status) => status === from);
  const wasDecided = DECIDED.some((status) => status === from);
  const newRound = before !== undefined && record.rounds.length > before.rounds.length;
  const runEnded = record.runEndedAt !== undefined && before?.runEndedAt === undefined;
  const approves = round.decision?.action === 'approve';
  const tried = mayHaveArrived(change, round);
  const triedBefore = tried.some((claim) => claim !== mine);
  switch (round.status) {
    case 'waiting':
      return must(from === 'new', said);
    case 'sending':
      return must(['waiting', 'refused', 'undelivered'].includes(from), said);
    case 'approved':
    case 'answered':
    case 'revision_requested': {
      // One that was overtaken leaves the record unsure, whatever becomes of it.
      const overtaken = mine !== undefined && attemptsOf(change, round).at(-1) !== mine;
      const unsure = triedBefore || overtaken;
      const byAnswer = answer === 'accepted' || (answer === 'not_pending' && unsure && !byOthers);
      // On the live dialect the next task's pause proves an approve.
      const movedOn =
        change.live && change.webhookCameSince((tried[0]?.at ?? Number.POSITIVE_INFINITY) - CLOCKS_DIFFER);
      const byWebhook = tried.length > 0 && (approves ? runEnded || movedOn : newRound);
      must(
        round.decision?.action === DECIDED_BY[round.status],
        `${said}, decided: ${round.decision?.action}`,
      );
      return must(wasDecided && (byAnswer || byWebhook), said);
    }
    case 'refused':
      return must(from === 'sending' && answer === 'refused', said);
    case 'undelivered':
      return must(from === 'sending' && triesAreOver(change, round), `${said} before its time`);
    case 'resolved_elsewhere': {
      const byAnswer = answer === 'not_pending' && (byOthers || !triedBefore);
      // The next review proved an answer, not whose: CrewAI's word says later that it was someone else's.
      if (from === 'answered') return must(byOthers, said);
      return must(from === 'sending' && (byAnswer || (newRound && approves && tried.length > 0)), said);
    }
    case 'superseded':
      must(wasOpen && newRound, said);
      must(from !== 'undelivered' || approves || tried.length === 0, `${said}, though its re-run came`);
      return must(from !== 'sending' || tried.length === 0, `${said}, though it was tried`);
    case 'run_ended':
      return must(record.runEndedAt !== undefined && (from === 'new' || wasOpen), said);
    case 'given_up':
      return must(wasOpen && (from !== 'sending' || tried.length === 0), said);
  }
}

/** The round is still being sent after an answer: then the answer decided nothing. */
function checkSentOn({ mine, before, record, must }: Change, round: Round, name: string) {
  if (!mine || !attemptEndedNow(before, record) || currentRound(mine.record).number !== round.number) return;
  const open = mine.answer === 'unknown' || mine.answer === 'not_reached';
  must(open, `${name} is sent again after CrewAI's answer: ${mine.answer}`);
}

/** The run is told to be silent only while nothing was heard of it for long enough. */
function checkSilence({ record, now, must }: Change, { status, delivery, continuedAt }: Round, name: string) {
  const accepted = status === 'approved' || status === 'revision_requested';
  const since = delivery?.acceptedAt ?? Number.POSITIVE_INFINITY;
  const silent =
    continuedAt === undefined && record.runEndedAt === undefined && now >= since + record.policy.silentAfter;
  must(accepted && silent, `${name} (${status}) is told to be silent`);
}

function triesAreOver(change: Change, round: Round): boolean {
  const { epochs, now } = change;
  const epoch = epochs.get(round.number);
  if (!epoch) return false;
  if (now + DEADLINE >= epoch.since + HOUR) return true;
  const attempts = attemptsOf(change, round);
  const unsure = attempts.some((claim) => !claim.recorded || claim.answer === 'unknown' || claim.disturbed);
  const since = attempts.find((claim) => claim.epoch === epoch.number)?.at ?? Number.POSITIVE_INFINITY;
  const isBrief = change.live || round.decision?.action === 'request_revision';
  return isBrief && unsure && now >= since + MINUTE;
}

/** An attempt begins: only of the decision of the newest round, within its hour, a revision within its minute. */
export function checkAttempt(
  watched: Watched & Pick<Change, 'live'>,
  record: Approval,
  now: number,
  must: Change['must'],
) {
  const round = currentRound(record);
  const epoch = watched.epochs.get(round.number);
  const age = now - (epoch?.since ?? Number.NEGATIVE_INFINITY);
  // A first attempt is always made, however late.
  const repeated = attemptsOf(watched, round).some((claim) => claim.epoch === epoch?.number);
  must(!repeated || age <= HOUR, `a decision is sent again ${age} ms after it was made`);
  const first = firstThatMayHaveArrived(watched, round) ?? Number.POSITIVE_INFINITY;
  const isBrief = watched.live || round.decision?.action === 'request_revision';
  const late = isBrief && now > first + MINUTE;
  must(!late, `a decision that may have arrived is sent again ${now - first} ms later`);
}
