/** How a review was answered: a POST to its callback URL, or one of CrewAI's own ways. */
export type AnswerWay = 'api' | 'dashboard' | 'email' | 'timeout';

export interface FlowAnswer {
  /** Verbatim. */
  feedback: string;
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
  answer(): FlowAnswer | undefined;
}
