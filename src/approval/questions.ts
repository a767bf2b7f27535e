import type { App } from './app.ts';
import { findQuestion, findQuestionRound } from './intake/ask-question.ts';
import type { ApprovalEvent } from './lifecycle/events.ts';
import {
  describeClosing,
  findAskedTime,
  type QuestionState,
  readQuestionState,
  writeIsoTime,
} from './lifecycle/questions.ts';
import { applyEvent } from './lifecycle/transitions.ts';
import { type Approval, setOrigin } from './model/approval.ts';
import type { Crew } from './model/crew/crew.ts';
import { updateApproval } from './update.ts';

/** State of a question, as its program learns it. */
export type QuestionLookup =
  | QuestionState
  | { id: string; status: 'withdrawn'; asked_at: string; closed_at?: string }
  | { id: string; status: 'unknown' };

/** Reads questions from the store, in this order. Rejects with a StoreError. */
export function readQuestions(
  app: Pick<App, 'store' | 'clock'>,
  crew: Pick<Crew, 'name'>,
  ids: readonly string[],
): Promise<QuestionLookup[]> {
  return Promise.all(
    ids.map(async (id) => {
      const foundQuestion = await findQuestion(app, crew, id);
      return foundQuestion === 'unknown' || !foundQuestion.stored
        ? { id, status: 'unknown' as const }
        : addReceipt(app, foundQuestion.stored.record, describeQuestion(foundQuestion.stored.record, id));
    }),
  );
}

/** Adds the stored receipt to an answer, if it has one. Rejects with a StoreError. */
export async function addReceipt<State extends QuestionLookup>(
  { store }: Pick<App, 'store'>,
  { id: approvalId, rounds }: Approval,
  state: State,
): Promise<State> {
  if (state.status !== 'answered' || !state.answer) return state;
  const round = findQuestionRound(rounds, state.id);
  const key = (round?.allowedCalls?.find(({ id }) => id === state.id) ?? round)?.receipt;
  const text = key === undefined ? undefined : await store.output(approvalId, key);
  return text?.kind === 'text' ? { ...state, answer: { ...state.answer, receipt: text.text } } : state;
}

export function describeQuestion({ rounds }: Approval, id: string): QuestionLookup {
  const round = findQuestionRound(rounds, id);
  if (!round?.question) return { id, status: 'unknown' };
  return round.status === 'withdrawn' && !round.lapsed
    ? {
        id,
        status: 'withdrawn',
        asked_at: writeIsoTime(findAskedTime(id, rounds)),
        ...describeClosing(round),
      }
    : readQuestionState(id, round.question, round, rounds);
}

/**
 * Records what a program reports about its question: that it has the answer, no longer asks, or is alive. It may repeat a report.
 * Resolves with the question as it is then. Rejects with a StoreError.
 */
export async function changeQuestion(
  app: App,
  crew: Crew,
  id: string,
  type: Extract<ApprovalEvent['type'], 'fetched' | 'withdrawn' | 'program_alive'>,
): Promise<QuestionLookup> {
  const foundQuestion = await findQuestion(app, crew, id);
  if (foundQuestion === 'unknown' || !foundQuestion.stored) return { id, status: 'unknown' };
  const { number: round, question } = foundQuestion.round;
  // A call that an earlier decision allowed has no round: once its program knows the answer, only the push ends.
  const isCall = question.id !== id;
  if (isCall && type !== 'fetched')
    return addReceipt(app, foundQuestion.stored.record, describeQuestion(foundQuestion.stored.record, id));
  const changed = await updateApproval(app.store, foundQuestion.stored.record.id, (current) => {
    const event = { type, at: app.clock.now(), round, ...(isCall ? { id } : {}) };
    return setOrigin(applyEvent(current, event), current.factCount, 'program');
  });
  if (changed) {
    const logFields = { crew: crew.name, execution: changed.executionId, approval: changed.id, round };
    if (type !== 'program_alive') app.log.info(logFields, LOGGED_AS[type]);
    app.wake(changed);
  }
  const approval = changed ?? foundQuestion.stored.record;
  return addReceipt(app, approval, describeQuestion(approval, id));
}

const LOGGED_AS = {
  fetched: 'answer fetched by its program',
  withdrawn: 'question withdrawn by its program',
};
