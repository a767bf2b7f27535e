import { type Approval, addFact, findRound } from '../model/approval.ts';
import type { Push, Round } from '../model/round.ts';
import type { ApprovalEvent, PushOutcome } from './events.ts';
import { boundTime } from './lanes.ts';
import { noteFetched, type QuestionState, readQuestionState } from './questions.ts';
import { replaceRound } from './rounds.ts';
import { closeAfterPush } from './run-progress.ts';

/** For this long an answer is sent again to a program that does not take it, in milliseconds. */
const PUSHED_FOR = 7 * 24 * 60 * 60_000;

/** An answer that is to be sent to its program. */
export interface DuePush {
  state: QuestionState & { status: Push['of'] & string };
  push: Push;
  /** From when the program could read it. */
  since: number;
}

/** What the program of a question has to be sent, exactly as it can read it; undefined: nothing, or nothing any more. */
export function findPush(approval: Approval, round: Round, id: string): DuePush | undefined {
  const told = findTold(approval, round, id);
  if (!told || told.push.ended === 'gone') return undefined;
  const { push, state } = told;
  const current = push.of === state.status ? push : { url: push.url };
  return current.ended === undefined ? { ...told, push: current } : undefined;
}

/** The answer of a question with a URL, unless its program has it; `push` may be that of an earlier one. */
function findTold({ rounds }: Approval, round: Round, id: string): DuePush | undefined {
  const { question, delivery, status, lapsed, settledAt = 0 } = round;
  const call = round.allowedCalls?.find((one) => one.id === id);
  const push = call ? call.push : question?.push;
  if (!question || !push || (!call && question.id !== id)) return undefined;
  // What was edited is asked again, under the same id.
  if (!call && rounds.findLast((one) => one.question?.id === id)?.number !== round.number) return undefined;
  if (status === 'withdrawn' && !lapsed && !call) return undefined;
  const state = readQuestionState(id, question, round);
  if (state.status === 'waiting') return undefined;
  if (!call && state.status === 'answered' && status !== 'sending') return undefined;
  const answeredAt = call ? call.at : (delivery?.offeredAt ?? 0);
  return {
    state: { ...state, status: state.status },
    push,
    since: state.status === 'answered' ? answeredAt : settledAt,
  };
}

/** The push of an approval that is next: when, and whether it is given up then. */
export function nextPush(
  approval: Approval,
  now: number,
): { round: number; id: string; at: number; isRetry: boolean; isOver: boolean } | undefined {
  const all = approval.rounds.flatMap((round) =>
    listPushedIds(round).flatMap((id) => {
      const due = findPush(approval, round, id);
      if (!due) return [];
      const { push, since } = due;
      const at = boundTime(push.notBefore, now);
      const end = since + PUSHED_FOR;
      // A bot that was away for a week has not tried yet.
      const isRetry = (push.failures ?? 0) > 0;
      const isOver = isRetry && (now >= end || at >= end);
      return [{ round: round.number, id, at: isOver ? end : at, isRetry, isOver }];
    }),
  );
  return all.sort((a, b) => a.at - b.at)[0];
}

function listPushedIds({ question, allowedCalls = [] }: Round): string[] {
  return [
    ...(question?.push ? [question.id] : []),
    ...allowedCalls.flatMap(({ id, push }) => (push ? [id] : [])),
  ];
}

/** What became of an attempt to send an answer. */
export function endPush(approval: Approval, event: Extract<ApprovalEvent, { type: 'push_ended' }>): Approval {
  const { at, round: number, id, of, outcome } = event;
  const round = findRound(approval, number);
  if (!round) return approval;
  // Also where a person closed the question meanwhile: the program has the answer.
  if (outcome.kind === 'taken' && of === 'answered' && round.question?.id === id)
    return noteFetched(approval, { type: 'fetched', at, round: number });
  const due = findPush(approval, round, id);
  if (!due || due.state.status !== of) return approval;
  const { url, failures = 0 } = due.push;
  const wait = Math.max(event.backoffMs, readLater(outcome));
  const next: Push =
    outcome.kind === 'taken' || outcome.kind === 'gone'
      ? { url, of, ended: outcome.kind }
      : {
          url,
          of,
          failures: failures + 1,
          notBefore: at + wait,
          ...(outcome.kind === 'not_allowed' ? { notAllowed: true } : {}),
        };
  const changed = setPush(approval, round, id, next);
  const noted = outcome.kind === 'gone' ? addNotTaken(changed, number, at, 'gone') : changed;
  return closeAfterPush(noted, number, at);
}

function readLater(outcome: PushOutcome): number {
  return outcome.kind === 'failed' ? (outcome.laterMs ?? 0) : 0;
}

/** A program has not taken its answer for seven days. */
export function expirePush(
  approval: Approval,
  { at, round: number, id }: Extract<ApprovalEvent, { type: 'push_expired' }>,
): Approval {
  const round = findRound(approval, number);
  const due = round && findPush(approval, round, id);
  if (!round || !due) return approval;
  const next: Push = { ...due.push, of: due.state.status, ended: 'late' };
  return addNotTaken(setPush(approval, round, id, next), number, at, 'late');
}

/** The program says that it knows how its question ended. */
export function notePushFetched(
  approval: Approval,
  { at, round: number, id }: Extract<ApprovalEvent, { type: 'fetched' }>,
): Approval {
  const fetched = id === undefined ? noteFetched(approval, { type: 'fetched', at, round: number }) : approval;
  if (fetched !== approval) return fetched;
  const round = findRound(approval, number);
  const asked = id ?? round?.question?.id;
  const told = round && asked !== undefined ? findTold(approval, round, asked) : undefined;
  if (!round || !told || asked === undefined) return approval;
  const { push, state } = told;
  const isKnown = push.of === state.status && push.ended === 'taken';
  return isKnown
    ? approval
    : setPush(approval, round, asked, { url: push.url, of: state.status, ended: 'taken' });
}

function setPush(approval: Approval, round: Round, id: string, push: Push): Approval {
  const { question, allowedCalls } = round;
  if (question?.id === id) return replaceRound(approval, { ...round, question: { ...question, push } });
  const calls = allowedCalls?.map((call) => (call.id === id ? { ...call, push } : call));
  return replaceRound(approval, { ...round, ...(calls ? { allowedCalls: calls } : {}) });
}

function addNotTaken(approval: Approval, round: number, at: number, detail: string): Approval {
  return addFact(approval, { at, what: 'not_taken', round, detail });
}
