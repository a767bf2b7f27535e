import { getOwn } from '../../lib/own-member.ts';
import { type Approval, currentRound, findRound } from '../model/approval.ts';
import { type FieldValues, HIDDEN_FAULT, parseValues } from '../model/fields.ts';
import { asksForHidden, isOpen, listSeen, type Question, type Round, type SeenBy } from '../model/round.ts';
import type { ApprovalEvent } from './events.ts';
import { addNote, replaceRound, settle } from './rounds.ts';
import { findAcceptedStatus } from './votes.ts';

/** Ids of the two options of a question that names none. */
export const APPROVE = 'approve';
export const REVISE = 'revise';

/** Longest silence of a program before its question with `leaseUntil` is closed, in milliseconds. */
export const LONGEST_SILENCE = 5 * 60_000;

/** The state of a question as its program can read it. An answer appears at the moment at which it would be sent. */
export interface QuestionState {
  id: string;
  status: 'waiting' | 'answered' | 'closed';
  asked_at: string;
  /** Only of a closed question. */
  closed_at?: string;
  answer?: QuestionAnswer;
  /** Why the bot closed the question, as a sentence. */
  reason?: string;
}

/** `edited`: output as a person changed it; `fields`: entered values, hidden ones until the program says that it has them. */
export interface QuestionAnswer {
  option: string;
  text: string;
  edited?: string;
  fields?: FieldValues;
  by: string;
  at: string;
  seen: SeenBy[];
  /** Signed receipt, which is stored apart from the record (addReceipt). */
  receipt?: string;
}

/** Returns what the program can read about its question. `id`: the round's, or a call's that the decision allowed. Pure. */
export function readQuestionState(
  id: string,
  question: Question,
  round: Round,
  rounds: readonly Round[],
): QuestionState {
  const { decision, delivery } = round;
  const allowedCall = round.allowedCalls?.find((call) => call.id === id);
  const asked = { asked_at: writeIsoTime(allowedCall?.at ?? findAskedTime(id, rounds)) };
  // A person who closes the question takes back an answer that its program may not have read yet.
  if (allowedCall && round.givenUpBy !== undefined)
    return { id, status: 'closed', ...asked, ...describeClosing(round) };
  if (allowedCall) {
    const answer = {
      option: 'allow',
      text: '',
      by: decision?.by ?? '',
      at: writeIsoTime(allowedCall.at),
      // Nobody was shown this call: an earlier decision allowed it.
      seen: [],
    };
    return { id, status: 'answered', ...asked, answer };
  }
  const isSent = delivery?.offeredAt !== undefined || delivery?.acceptedAt !== undefined;
  const isClosed = ['withdrawn', 'given_up', 'run_ended', 'superseded'].includes(round.status);
  if (decision && isSent && !isClosed) {
    const { action, option: index = -1, by, at } = decision;
    const option = question.options?.[index]?.id ?? (action === 'request_revision' ? REVISE : APPROVE);
    const text = action === 'choose' ? (decision.remark ?? '') : decision.feedback;
    const edited = decision.edited ?? round.edited?.text;
    const editedField = edited === undefined ? {} : { edited };
    const enteredFields =
      decision.values === undefined ? {} : { fields: listEntered(round, decision.values) };
    return {
      id,
      status: 'answered',
      ...asked,
      answer: {
        ...{ option, text, ...editedField, ...enteredFields, by },
        ...{ at: writeIsoTime(at), seen: listSeen(round) },
      },
    };
  }
  const isHidden = round.lapsed === 'hidden_fields';
  const reason = isHidden ? { reason: `writeOnly ${HIDDEN_FAULT}.` } : {};
  return isOpen(round)
    ? { id, status: 'waiting', ...asked, ...reason }
    : { id, status: 'closed', ...asked, ...describeClosing(round), ...reason };
}

/** Returns when a question was asked: if a person edits its text, a new round asks the same question. */
export function findAskedTime(id: string, rounds: readonly Round[]): number {
  return rounds.find(({ question }) => question?.id === id)?.receivedAt ?? 0;
}

export function describeClosing({ settledAt }: Round): { closed_at?: string } {
  return settledAt === undefined ? {} : { closed_at: writeIsoTime(settledAt) };
}

export function writeIsoTime(time: number): string {
  return new Date(time).toISOString();
}

function listEntered({ question, hidden, status }: Round, values: string): FieldValues {
  const enteredValues = {
    ...parseValues(values),
    ...(status === 'sending' ? parseValues(hidden?.values) : {}),
  };
  const inOrder = (question?.fields ?? []).flatMap(({ name }) => {
    const value = getOwn(enteredValues, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(inOrder);
}

/** Returns when a question counts as abandoned by its program; undefined: never. */
export function findAbandonedTime(round: Round): number | undefined {
  if (!isOpen(round) || !round.question) return undefined;
  const { leaseUntil } = round.question;
  const { offeredAt } = round.delivery ?? {};
  const candidates = [leaseUntil, offeredAt === undefined ? undefined : offeredAt + LONGEST_FETCH_DELAY];
  const times = candidates.filter((time) => time !== undefined);
  return times.length > 0 ? Math.min(...times) : undefined;
}

/**
 * Longest delay in noticing a lease's end, in milliseconds. Longer: the bot or its store was away and could not hear programs.
 */
const LONGEST_NOTICE_DELAY = 30_000;

/** Closes a question whose program did not renew its lease or fetch its answer in time. Renews the lease if the bot was away. */
export function closeAbandoned(approval: Approval, at: number): Approval {
  const round = currentRound(approval);
  const abandonedAt = findAbandonedTime(round) ?? at;
  const wasAway = abandonedAt === round.question?.leaseUntil && at - abandonedAt > LONGEST_NOTICE_DELAY;
  return wasAway
    ? extendQuestionLease(approval, { type: 'program_alive', at, round: round.number })
    : withdrawQuestion(approval, { at, round: round.number, lapsed: true });
}

/** Time after which a question is closed because no program has fetched its answer, in milliseconds. */
const LONGEST_FETCH_DELAY = 30 * 24 * 60 * 60_000;

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

/** True while the answer is on its way to its program: only the program's reply tells if the program has it. */
export function isPushUnderway({ lanes }: Approval, { question, delivery, status }: Round): boolean {
  if (status !== 'sending' || delivery?.offeredAt === undefined) return false;
  return (
    question?.push !== undefined && question.push.ended === undefined && lanes.delivery?.lease !== undefined
  );
}

/** Records that the program has the answer, even if a person closed the question after the program read it. */
export function settleFetchedAnswer(
  approval: Approval,
  { at, round: number }: Extract<ApprovalEvent, { type: 'fetched' }>,
): Approval {
  const round = findRound(approval, number);
  const { decision, delivery, status } = round ?? {};
  if (!round || !decision || delivery?.offeredAt === undefined) return approval;
  const mayHaveAnswer = status === 'sending' || status === 'given_up' || status === 'run_ended';
  return mayHaveAnswer ? settle(approval, round, findAcceptedStatus(decision), at) : approval;
}

/** Closes a question whose program no longer waits for an answer. `lapsed`: the bot's reason, if the bot closes it. */
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
  const lapse = lapsed ? { lapsed } : {};
  const lapseDetail = lapsed ? { detail: nameCloseReason(lapsed) } : {};
  const closed = settle(approval, { ...round, ...lapse }, 'withdrawn', at, lapseDetail);
  if (lapsed === 'hidden_fields') return addNote(closed, { kind: 'hidden_fields' });
  const { decision } = round;
  const unsure = round.delivery?.offeredAt !== undefined;
  const reason = lapsed ? 'lapsed' : 'withdrawn';
  return decision ? addNote(closed, { kind: 'not_sent', why: reason, decision, unsure }) : closed;
}

/** Closes a waiting question that asks for hidden values: no program gets any. */
export function closeHiddenQuestion(approval: Approval, at: number): Approval {
  const round = currentRound(approval);
  return asksForHidden(round)
    ? withdrawQuestion(approval, { at, round: round.number, lapsed: 'hidden_fields' })
    : approval;
}

/** Returns why the bot closed a question, in the form for other systems and the history. */
export function nameCloseReason(lapsed: NonNullable<Round['lapsed']>): string {
  return lapsed === true ? 'lapsed' : lapsed;
}

export function extendQuestionLease(
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
