import { type Approval, addFact, findRound } from '../model/approval.ts';
import type { Push, Round } from '../model/round.ts';
import type { ApprovalEvent, PushOutcome } from './events.ts';
import { ignoreFarTime } from './lanes.ts';
import { type QuestionState, readQuestionState, settleFetchedAnswer } from './questions.ts';
import { replaceRound } from './rounds.ts';
import { closeAfterPush } from './run-progress.ts';

/** Time during which an answer is sent again if its program does not accept it, in milliseconds. */
const LONGEST_PUSH = 7 * 24 * 60 * 60_000;

/** The state of a question that must be sent to its program. */
export interface DuePush {
  state: QuestionState & { status: Push['of'] & string };
  push: Push;
  /** When the program could first read this state. */
  since: number;
}

/** Finds the state of a question to send to its program; undefined: nothing to send, or the push of this state has ended. */
export function findPush(approval: Approval, round: Round, id: string): DuePush | undefined {
  const duePush = findStateToPush(approval, round, id);
  if (!duePush || duePush.push.ended === 'gone') return undefined;
  const { push, state } = duePush;
  const currentPush = push.of === state.status ? push : { url: push.url };
  return currentPush.ended === undefined ? { ...duePush, push: currentPush } : undefined;
}

/** Finds how a question with a URL ended; undefined: it is waiting, withdrawn or fetched. `push` may be of an earlier state. */
function findStateToPush({ rounds }: Approval, round: Round, id: string): DuePush | undefined {
  const { question, delivery, status, lapsed, settledAt = 0 } = round;
  const call = round.allowedCalls?.find((allowedCall) => allowedCall.id === id);
  const push = call ? call.push : question?.push;
  if (!question || !push || (!call && question.id !== id)) return undefined;
  // If a person edits the text, a new round asks the same question: only the last round with the id has its state.
  if (!call && rounds.findLast((otherRound) => otherRound.question?.id === id)?.number !== round.number)
    return undefined;
  if (status === 'withdrawn' && !lapsed && !call) return undefined;
  const state = readQuestionState(id, question, round, rounds);
  if (state.status === 'waiting') return undefined;
  if (!call && state.status === 'answered' && status !== 'sending') return undefined;
  const answeredAt = call ? call.at : (delivery?.offeredAt ?? 0);
  return {
    state: { ...state, status: state.status },
    push,
    since: state.status === 'answered' ? answeredAt : settledAt,
  };
}

/** Finds the next push of an approval: when it is due, and whether it expires then. */
export function findNextPush(
  approval: Approval,
  now: number,
): { round: number; id: string; at: number; isRetry: boolean; isExpired: boolean } | undefined {
  const duePushes = approval.rounds.flatMap((round) =>
    listPushedIds(round).flatMap((id) => {
      const duePush = findPush(approval, round, id);
      if (!duePush) return [];
      const { push, since } = duePush;
      const at = ignoreFarTime(push.notBefore, now);
      const end = since + LONGEST_PUSH;
      // A push expires only after a failed attempt: the bot may have been stopped for a week.
      const isRetry = (push.failures ?? 0) > 0;
      const isExpired = isRetry && (now >= end || at >= end);
      return [{ round: round.number, id, at: isExpired ? end : at, isRetry, isExpired }];
    }),
  );
  return duePushes.sort((a, b) => a.at - b.at)[0];
}

function listPushedIds({ question, allowedCalls = [] }: Round): string[] {
  return [
    ...(question?.push ? [question.id] : []),
    ...allowedCalls.flatMap(({ id, push }) => (push ? [id] : [])),
  ];
}

/** Records the outcome of an attempt to send an answer. */
export function endPush(approval: Approval, event: Extract<ApprovalEvent, { type: 'push_ended' }>): Approval {
  const { at, round: number, id, of, outcome } = event;
  const round = findRound(approval, number);
  if (!round) return approval;
  // The program has the answer, even if a person closed the question meanwhile.
  if (outcome.kind === 'taken' && of === 'answered' && round.question?.id === id)
    return settleFetchedAnswer(approval, { type: 'fetched', at, round: number });
  const duePush = findPush(approval, round, id);
  if (!duePush || duePush.state.status !== of) return approval;
  const { url, failures = 0 } = duePush.push;
  const wait = Math.max(event.backoffMs, readRetryDelay(outcome));
  const updatedPush: Push =
    outcome.kind === 'taken' || outcome.kind === 'gone'
      ? { url, of, ended: outcome.kind }
      : {
          url,
          of,
          failures: failures + 1,
          notBefore: at + wait,
          ...(outcome.kind === 'not_allowed' ? { notAllowed: true } : {}),
        };
  const withPush = setPush(approval, round, id, updatedPush);
  const withFact = outcome.kind === 'gone' ? addNotTakenFact(withPush, number, at, 'gone') : withPush;
  return closeAfterPush(withFact, number, at);
}

function readRetryDelay(outcome: PushOutcome): number {
  return outcome.kind === 'failed' ? (outcome.retryAfterMs ?? 0) : 0;
}

/** Ends the push of an answer that its program has not accepted for seven days. */
export function expirePush(
  approval: Approval,
  { at, round: number, id }: Extract<ApprovalEvent, { type: 'push_expired' }>,
): Approval {
  const round = findRound(approval, number);
  const duePush = round && findPush(approval, round, id);
  if (!round || !duePush) return approval;
  const endedPush: Push = { ...duePush.push, of: duePush.state.status, ended: 'late' };
  return addNotTakenFact(setPush(approval, round, id, endedPush), number, at, 'late');
}

/** Records that the program knows how its question ended. */
export function recordFetched(
  approval: Approval,
  { at, round: number, id }: Extract<ApprovalEvent, { type: 'fetched' }>,
): Approval {
  const withAnswer =
    id === undefined ? settleFetchedAnswer(approval, { type: 'fetched', at, round: number }) : approval;
  if (withAnswer !== approval) return withAnswer;
  const round = findRound(approval, number);
  const pushedId = id ?? round?.question?.id;
  const duePush = round && pushedId !== undefined ? findStateToPush(approval, round, pushedId) : undefined;
  if (!round || !duePush || pushedId === undefined) return approval;
  const { push, state } = duePush;
  const isRecorded = push.of === state.status && push.ended === 'taken';
  return isRecorded
    ? approval
    : setPush(approval, round, pushedId, { url: push.url, of: state.status, ended: 'taken' });
}

function setPush(approval: Approval, round: Round, id: string, push: Push): Approval {
  const { question, allowedCalls } = round;
  if (question?.id === id) return replaceRound(approval, { ...round, question: { ...question, push } });
  const calls = allowedCalls?.map((call) => (call.id === id ? { ...call, push } : call));
  return replaceRound(approval, { ...round, ...(calls ? { allowedCalls: calls } : {}) });
}

function addNotTakenFact(approval: Approval, round: number, at: number, detail: string): Approval {
  return addFact(approval, { at, what: 'not_taken', round, detail });
}
