import type { Clock } from './clock.ts';
import type { AnswerWay, FlowAnswer, FlowReview } from './flow-review.ts';
import { checkQuestion, type NextQuestion, type Question } from './question.ts';
import { buildReview, type Review } from './review.ts';

export interface ReviewsOptions {
  clock: Clock;
  newId: () => string;
  baseUrl: string;
  /** Sends the webhook of a review. */
  notify: (review: Review) => void;
  onChange: () => void;
}

interface NewAnswer {
  feedback: string;
  via: AnswerWay;
}

/** A review with its handle and its timer. */
interface OpenReview {
  review: Review;
  handle: FlowReview;
  cancelTimeOut: () => void;
}

/** Reviews of a deployment. */
export class Reviews {
  /** Oldest first. */
  readonly handles: FlowReview[] = [];
  readonly #entries = new Map<string, OpenReview>();
  readonly #options: ReviewsOptions;
  #closed = false;

  constructor(options: ReviewsOptions) {
    this.#options = options;
  }

  find(requestId: string): Review | undefined {
    return this.#entries.get(requestId)?.review;
  }

  ask(question: Question): FlowReview {
    checkQuestion(question);
    const { baseUrl, newId, clock, notify, onChange } = this.#options;
    const review = buildReview(question, { id: newId(), baseUrl, now: clock.now() });
    notify(review);
    const handle: FlowReview = {
      requestId: review.id,
      flowExecutionId: review.flowExecutionId,
      callbackUrl: review.callbackUrl,
      answer: () => review.answer,
    };
    this.#entries.set(review.id, { review, handle, cancelTimeOut: this.#scheduleTimeOut(review) });
    this.handles.push(handle);
    onChange();
    return handle;
  }

  /** Records the answer to an open review; throws if it is unknown or has one. The caller calls `continueFlow` after its response. */
  answer(requestId: string, { feedback, via }: NewAnswer): { answer: FlowAnswer; continueFlow: () => void } {
    const entry = this.#findOpen(requestId);
    const answer: FlowAnswer = { feedback, via, at: this.#options.clock.now() };
    entry.review.answer = answer;
    entry.cancelTimeOut();
    this.#options.onChange();
    return { answer, continueFlow: () => void this.#continueFlow(entry, feedback) };
  }

  close(): void {
    this.#closed = true;
    for (const { cancelTimeOut } of this.#entries.values()) cancelTimeOut();
  }

  #findOpen(requestId: string): OpenReview {
    const entry = this.#entries.get(requestId);
    if (!entry) throw new Error(`There is no review ${requestId}`);
    const { answer } = entry.review;
    if (answer) throw new Error(`Review ${requestId} was answered via ${answer.via}`);
    return entry;
  }

  async #continueFlow({ review, handle }: OpenReview, feedback: string): Promise<void> {
    const next = await review.question.onAnswer?.(handle, feedback);
    if (next && !this.#closed) this.ask(buildNextQuestion(review, next));
  }

  #scheduleTimeOut({ id, question: { timeOutAfterMs, defaultOutcome } }: Review): () => void {
    if (timeOutAfterMs === undefined || defaultOutcome === undefined) return () => {};
    return this.#options.clock.after(timeOutAfterMs, () =>
      this.answer(id, { feedback: defaultOutcome, via: 'timeout' }).continueFlow(),
    );
  }
}

/** Builds the next question of a flow execution. Its review gets a new request id. */
function buildNextQuestion(
  { question, flowExecutionId, flowId, flowClass }: Review,
  next: NextQuestion,
): Question {
  return { ...question, ...next, flowExecutionId, flowId, flowClass };
}
