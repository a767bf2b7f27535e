import type { Clock } from './clock.ts';
import type { AnswerWay, FlowAnswer, FlowReview } from './flow-review.ts';
import { checkQuestion, type NextQuestion, type Question, type ReviewEvent } from './question.ts';
import { buildReview, type IdForm, type Review } from './review.ts';

export interface ReviewsOptions {
  clock: Clock;
  idForm: IdForm;
  baseUrl: string;
  /** Sends the webhook of an event once; resolves with the status of its answer, undefined if there was none. */
  notify: (review: Review, event: ReviewEvent) => Promise<number | undefined>;
  onChange: () => void;
}

/** How a review is answered. */
interface Given {
  feedback: string;
  source: string;
  via: AnswerWay;
}

/** A review with what waits for its answer. */
interface Entry {
  review: Review;
  handle: FlowReview;
  cancelTimeOut: () => void;
  resolve: (answer: FlowAnswer) => void;
  continueWith: (next: Promise<FlowReview | undefined>) => void;
}

/** The reviews of a deployment. */
export class Reviews {
  /** In the order in which they were asked. */
  readonly handles: FlowReview[] = [];
  readonly #entries = new Map<string, Entry>();
  readonly #options: ReviewsOptions;
  #closed = false;

  constructor(options: ReviewsOptions) {
    this.#options = options;
  }

  find(requestId: string): Review | undefined {
    return this.#entries.get(requestId)?.review;
  }

  /** The review, which has no answer yet; throws if there is none. */
  open(requestId: string): Review {
    return this.#open(requestId).review;
  }

  ask(question: Question): FlowReview {
    checkQuestion(question);
    const { baseUrl, idForm, clock, notify, onChange } = this.#options;
    const review = buildReview(question, { baseUrl, idForm, now: clock.now() });
    if (this.#entries.has(review.id)) throw new Error(`There is a review ${review.id} already`);
    const webhookStatus = notify(review, question.event ?? 'new_request');
    const answered = createPromise<FlowAnswer>();
    const next = createPromise<FlowReview | undefined>();
    const handle: FlowReview = {
      requestId: review.id,
      flowExecutionId: review.flowExecutionId,
      callbackUrl: review.callbackUrl,
      webhookStatus: () => webhookStatus,
      answer: () => review.answer,
      answered: answered.promise,
      next: next.promise,
    };
    this.#entries.set(review.id, {
      review,
      handle,
      cancelTimeOut: this.#timeOut(review),
      resolve: answered.resolve,
      continueWith: next.resolve,
    });
    this.handles.push(handle);
    onChange();
    return handle;
  }

  /** Records the answer to an open review. The flow continues when the caller says so. */
  answer(
    requestId: string,
    { feedback, source, via }: Given,
  ): { answer: FlowAnswer; continueFlow: () => void } {
    const entry = this.#open(requestId);
    const answer: FlowAnswer = { feedback, source, via, at: this.#options.clock.now() };
    entry.review.answer = answer;
    entry.cancelTimeOut();
    entry.resolve(answer);
    this.#options.onChange();
    return { answer, continueFlow: () => entry.continueWith(this.#continue(entry, feedback)) };
  }

  close(): void {
    this.#closed = true;
    for (const { cancelTimeOut } of this.#entries.values()) cancelTimeOut();
  }

  #open(requestId: string): Entry {
    const entry = this.#entries.get(requestId);
    if (!entry) throw new Error(`There is no review ${requestId}`);
    const { answer } = entry.review;
    if (answer) throw new Error(`Review ${requestId} was answered via ${answer.via}`);
    return entry;
  }

  async #continue({ review, handle }: Entry, feedback: string): Promise<FlowReview | undefined> {
    const next = await review.question.onAnswer?.(handle, feedback);
    return next && !this.#closed ? this.ask(buildNextQuestion(review, next)) : undefined;
  }

  #timeOut({ id, question: { timeOutAfterMs, defaultOutcome } }: Review): () => void {
    if (timeOutAfterMs === undefined || defaultOutcome === undefined) return () => {};
    return this.#options.clock.after(timeOutAfterMs, () =>
      this.answer(id, { feedback: defaultOutcome, source: 'timeout', via: 'timeout' }).continueFlow(),
    );
  }
}

/** The same flow execution asks under a new request id. */
function buildNextQuestion(
  { question, flowExecutionId, flowId, flowClass }: Review,
  next: NextQuestion,
): Question {
  const { requestId: _requestId, event: _event, ...before } = question;
  return { ...before, ...next, flowExecutionId, flowId, flowClass };
}

function createPromise<T>() {
  let resolve: (value: T | Promise<T>) => void = () => {};
  const promise = new Promise<T>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}
