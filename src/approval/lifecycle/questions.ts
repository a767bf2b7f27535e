import { getOwn } from '../../lib/own-member.ts';
import { type Approval, addFact, currentRound, findRound, setAsked } from '../model/approval.ts';
import { type FieldValues, HIDDEN_FAULT, parseValues } from '../model/fields.ts';
import { excerptOutput, findUnseen, hashOutput, readOutput } from '../model/output.ts';
import { asksForHidden, type Decision, isOpen, type Question, type Round } from '../model/round.ts';
import { hasPermission } from '../model/tool-call.ts';
import type { ApprovalEvent, PersonEvent } from './events.ts';
import type { Refusal } from './refusal.ts';
import { addNote, addRound, describeOption, hashDecisionTexts, replaceRound, settle } from './rounds.ts';
import { acceptedStatus } from './votes.ts';

/** The ids of the options of a question that names none. */
export const APPROVE = 'approve';
export const REVISE = 'revise';

/** A question with `leaseUntil` is closed after this time without a word from its program, in milliseconds. */
export const LONGEST_SILENCE = 5 * 60_000;

/** What a program knows of its question; an answer from the moment on at which it would be sent. */
export interface QuestionState {
  id: string;
  status: 'waiting' | 'answered' | 'closed';
  /** `edited`: the output as a person changed it; `fields`: what was entered, hidden values until the program has said that it has them. */
  answer?: { option: string; text: string; edited?: string; fields?: FieldValues; by: string; at: string };
  /** Why the bot closed it, as a sentence. */
  reason?: string;
}

/** What the program is told of its question, the one of a round or a call that its decision allowed before. Pure. */
export function readQuestionState(id: string, question: Question, round: Round): QuestionState {
  const { decision, delivery } = round;
  const allowed = round.allowedCalls?.find((call) => call.id === id);
  // A person who closes the question takes back what its program may not have read yet.
  if (allowed && round.givenUpBy !== undefined) return { id, status: 'closed' };
  if (allowed) {
    const answer = {
      option: 'allow',
      text: '',
      by: decision?.by ?? '',
      at: new Date(allowed.at).toISOString(),
    };
    return { id, status: 'answered', answer };
  }
  const isSent = delivery?.offeredAt !== undefined || delivery?.acceptedAt !== undefined;
  const isClosed = ['withdrawn', 'given_up', 'run_ended', 'superseded'].includes(round.status);
  if (decision && isSent && !isClosed) {
    const { action, option: index = -1, by, at } = decision;
    const option = question.options?.[index]?.id ?? (action === 'request_revision' ? REVISE : APPROVE);
    const text = action === 'choose' ? (decision.remark ?? '') : decision.feedback;
    const edited = decision.edited ?? round.edited?.text;
    const changed = edited === undefined ? {} : { edited };
    const entered = decision.values === undefined ? {} : { fields: listEntered(round, decision.values) };
    return {
      id,
      status: 'answered',
      answer: { option, text, ...changed, ...entered, by, at: new Date(at).toISOString() },
    };
  }
  const isHidden = round.lapsed === 'hidden_fields';
  const reason = isHidden ? { reason: `writeOnly ${HIDDEN_FAULT}.` } : {};
  return { id, status: isOpen(round) ? 'waiting' : 'closed', ...reason };
}

function listEntered({ question, hidden, status }: Round, values: string): FieldValues {
  const entered = { ...parseValues(values), ...(status === 'sending' ? parseValues(hidden?.values) : {}) };
  const inOrder = (question?.fields ?? []).flatMap(({ name }) => {
    const value = getOwn(entered, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(inOrder);
}

/** When a question counts as abandoned by its program; undefined: never. */
export function findAbandonedAt(round: Round): number | undefined {
  if (!isOpen(round) || !round.question) return undefined;
  const { leaseUntil } = round.question;
  const { offeredAt } = round.delivery ?? {};
  const times = [leaseUntil, offeredAt === undefined ? undefined : offeredAt + FETCHED_WITHIN];
  const known = times.filter((time) => time !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}

/** Later than so, in milliseconds, the bot or its store was away, and nobody could say that a program is alive. */
const NOTICED_WITHIN = 30_000;

/** Closes a question whose program has not said in time that it is alive, or has not fetched its answer. */
export function closeAbandoned(approval: Approval, at: number): Approval {
  const round = currentRound(approval);
  const abandonedAt = findAbandonedAt(round) ?? at;
  const wasAway = abandonedAt === round.question?.leaseUntil && at - abandonedAt > NOTICED_WITHIN;
  return wasAway
    ? noteAlive(approval, { type: 'program_alive', at, round: round.number })
    : withdrawQuestion(approval, { at, round: round.number, lapsed: true });
}

/** An answer that no program has fetched for so long is not waited for, in milliseconds. */
const FETCHED_WITHIN = 30 * 24 * 60 * 60_000;

export function offerDecision(
  approval: Approval,
  { at, round: number }: Extract<ApprovalEvent, { type: 'offered' }>,
): Approval {
  const round = findRound(approval, number);
  if (
    round?.status !== 'sending' ||
    !round.question ||
    !round.delivery ||
    round.delivery.offeredAt !== undefined
  )
    return approval;
  return replaceRound(approval, { ...round, delivery: { ...round.delivery, offeredAt: at } });
}

/** True while the answer is on its way to its program: only the program's reply says whether it has the answer. */
export function isPushUnderway({ lanes }: Approval, { question, delivery, status }: Round): boolean {
  if (status !== 'sending' || delivery?.offeredAt === undefined) return false;
  return (
    question?.push !== undefined && question.push.ended === undefined && lanes.delivery?.lease !== undefined
  );
}

/** The program has the answer, also where a person closed the question after it had read it. */
export function noteFetched(
  approval: Approval,
  { at, round: number }: Extract<ApprovalEvent, { type: 'fetched' }>,
): Approval {
  const round = findRound(approval, number);
  const { decision, delivery, status } = round ?? {};
  if (!round || !decision || delivery?.offeredAt === undefined) return approval;
  const mayHave = status === 'sending' || status === 'given_up' || status === 'run_ended';
  return mayHave ? settle(approval, round, acceptedStatus(decision), at) : approval;
}

/** A person allowed this call before it was made. */
export function allowCall(
  approval: Approval,
  { at, round: number, by, hash, call }: Extract<ApprovalEvent, { type: 'call_allowed' }>,
): Approval {
  const round = findRound(approval, number);
  if (!round?.decision) return approval;
  const allowed = { ...round, allowedCalls: [...(round.allowedCalls ?? []), call] };
  return addFact(replaceRound(approval, allowed), {
    at,
    what: 'call_allowed',
    round: number,
    by: round.decision.by,
    detail: by === 'call' ? 'the same call' : 'the same tool',
    output: hash,
  });
}

/** Nobody is asked less from now on: the decision stays, and so do the calls that were answered by it. */
export function endPermission(
  approval: Approval,
  { at, round: number, by }: PersonEvent,
): Approval | { refusal: Refusal } {
  const round = findRound(approval, number);
  if (!round) return { refusal: { code: 'unknown' } };
  if (hasPermission(approval, round)) {
    const ended = replaceRound(approval, { ...round, permissionEnded: { at, by } });
    return addFact(ended, { at, what: 'permission_ended', round: number, by });
  }
  const { permissionEnded, givenUpBy } = round;
  if (permissionEnded?.by !== undefined)
    return { refusal: { code: 'permission_ended', by: permissionEnded.by, at: permissionEnded.at } };
  const isOver = givenUpBy === undefined && (permissionEnded ?? approval.runEndedAt) !== undefined;
  return { refusal: { code: isOver ? 'permission_over' : 'no_permission' } };
}

/** The permissions of a run end with it, also when it goes on. */
export function endPermissionsWithRun(approval: Approval): Approval {
  const { runEndedAt: at, rounds } = approval;
  if (at === undefined) return approval;
  const isOver = ({ question, decision }: Round) => question?.tool && decision;
  return {
    ...approval,
    rounds: rounds.map((round) => (isOver(round) ? { permissionEnded: { at }, ...round } : round)),
  };
}

/** The program does not wait for an answer any more. */
export function withdrawQuestion(
  approval: Approval,
  {
    at,
    round: number,
    lapsed,
  }: Pick<Extract<ApprovalEvent, { type: 'withdrawn' }>, 'at' | 'round' | 'lapsed'>,
): Approval {
  const round = findRound(approval, number);
  if (!round?.question || !isOpen(round)) return approval;
  if (lapsed !== undefined && lapsed !== true && round.status !== 'waiting') return approval;
  const why = lapsed ? { lapsed } : {};
  const how = lapsed ? { detail: nameLapse(lapsed) } : {};
  const closed = settle(approval, { ...round, ...why }, 'withdrawn', at, how);
  if (lapsed === 'hidden_fields') return addNote(closed, { kind: 'hidden_fields' });
  const { decision } = round;
  const unsure = round.delivery?.offeredAt !== undefined;
  const reason = lapsed ? 'lapsed' : 'withdrawn';
  return decision ? addNote(closed, { kind: 'not_sent', why: reason, decision, unsure }) : closed;
}

/** Closes the question that waits if it asks for hidden values: no program gets any. */
export function closeHiddenQuestion(approval: Approval, at: number): Approval {
  const round = currentRound(approval);
  return asksForHidden(round)
    ? withdrawQuestion(approval, { at, round: round.number, lapsed: 'hidden_fields' })
    : approval;
}

/** Why a question was closed by itself, for other systems and the history. */
export function nameLapse(lapsed: NonNullable<Round['lapsed']>): string {
  return lapsed === true ? 'lapsed' : lapsed;
}

/** Others have to decide too: on the text as it was edited, or on what was entered, with the vote of whoever did. */
export function openChangedRound(approval: Approval, round: Round, vote: Decision): Approval {
  const { edited, ...plain } = vote;
  const { by, at, option, values } = vote;
  const replaced = settle(approval, round, 'superseded', at, { by });
  const { taskId, humanInput, description, escalatedAt, assignee, claim } = round;
  const question = keepDeadline(approval, round);
  const next = addRound(
    replaced,
    {
      type: 'output',
      at,
      opensRounds: true,
      task: approval.task,
      output: {
        ...describeChanged(round, edited),
        taskId,
        humanInput,
        ...(description === undefined ? {} : { description }),
        ...(question ? { question } : {}),
      },
    },
    false,
  );
  const opened = currentRound(next);
  const asked = approval.facts.findLast(
    (fact) => fact.round === round.number && fact.asked !== undefined,
  )?.asked;
  const changed = {
    ...(edited === undefined ? {} : { edited: { by, text: edited } }),
    ...(values === undefined ? {} : { entered: { by, values, ...(option === undefined ? {} : { option }) } }),
  };
  // Who was asked for the round before is asked for this one.
  const carried = {
    ...(escalatedAt === undefined ? {} : { escalatedAt }),
    ...(assignee === undefined ? {} : { assignee }),
    ...(claim === undefined ? {} : { claim }),
  };
  const voted = replaceRound(next, { ...opened, ...carried, ...changed, votes: [plain] });
  return addFact(asked ? setAsked(voted, approval.factCount, () => asked) : voted, {
    at,
    what: 'voted',
    round: opened.number,
    by,
    detail: plain.action,
    texts: hashDecisionTexts(plain),
    option: describeOption(opened, plain),
  });
}

/** What one person changes gives the others no more time. */
function keepDeadline({ policy }: Approval, { question, receivedAt }: Round): Question | undefined {
  if (!question || policy.expireAfter === undefined) return question;
  return {
    ...question,
    expiresAt: Math.min(receivedAt + policy.expireAfter, question.expiresAt ?? Number.POSITIVE_INFINITY),
  };
}

/** The text that the others decide on: the edited one, or the same. */
function describeChanged({ excerpt, hashes, unseen }: Round, edited: string | undefined) {
  if (edited === undefined)
    return {
      hashes: hashes.slice(0, 1),
      ...(excerpt === undefined ? {} : { excerpt }),
      ...(unseen === undefined ? {} : { unseen }),
    };
  const output = readOutput(edited);
  return { excerpt: excerptOutput(output), hashes: [hashOutput(output)], ...findUnseen(output) };
}

/** When the hidden values of an approval are to be erased; undefined: not yet, or there are none. */
export function hiddenEndsAt({ rounds }: Approval): number | undefined {
  const times = rounds.flatMap(({ hidden }) => hidden?.until ?? []);
  return times.length > 0 ? Math.min(...times) : undefined;
}

/** The approval without hidden values that were kept for long enough. */
export function eraseHidden(approval: Approval, at: number): Approval {
  const isOver = ({ hidden }: Round) => hidden?.until !== undefined && hidden.until <= at;
  if (!approval.rounds.some(isOver)) return approval;
  const rounds = approval.rounds.map((round) => {
    if (!isOver(round)) return round;
    const { hidden: _, ...without } = round;
    return without;
  });
  return { ...approval, rounds };
}

export function noteAlive(
  approval: Approval,
  { at, round: number }: Extract<ApprovalEvent, { type: 'program_alive' }>,
): Approval {
  const round = findRound(approval, number);
  if (round?.question?.leaseUntil === undefined || !isOpen(round)) return approval;
  return replaceRound(approval, {
    ...round,
    question: { ...round.question, leaseUntil: at + LONGEST_SILENCE },
  });
}
