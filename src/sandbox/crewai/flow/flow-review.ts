/** The way in which a review was answered; `api` is a POST to its callback URL, the others are CrewAI's own. */
export type AnswerWay = 'api' | 'dashboard' | 'email' | 'timeout';

export interface FlowAnswer {
  /** Unchanged text of the answer. */
  feedback: string;
  /** Milliseconds since the epoch. */
  at: number;
  via: AnswerWay;
}

/** A review as the code that plays the flow sees it. */
export interface FlowReview {
  requestId: string;
  flowExecutionId: string;
  /** URL for the answer, with the request's token. */
  callbackUrl: string;
  answer(): FlowAnswer | undefined;
}
