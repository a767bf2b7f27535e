/** How a review was answered: a POST to its callback URL, or one of CrewAI's own ways. */
export type AnswerWay = 'api' | 'dashboard' | 'email' | 'timeout';

export interface FlowAnswer {
  /** Verbatim. */
  feedback: string;
  /** What the client names as its source; the way if there is none. */
  source: string;
  /** Milliseconds since the epoch. */
  at: number;
  via: AnswerWay;
}

/** A review as those see it who play the flow. */
export interface FlowReview {
  requestId: string;
  flowExecutionId: string;
  /** Has the token of the request. */
  callbackUrl: string;
  /** The status that the first webhook got; undefined if it was not sent or not answered. */
  webhookStatus(): Promise<number | undefined>;
  answer(): FlowAnswer | undefined;
  answered: Promise<FlowAnswer>;
  /** What the flow asked after the answer; undefined if it ended. */
  next: Promise<FlowReview | undefined>;
}
