import type { FlowReview } from './flow-review.ts';

/** A question of `@human_feedback` at a method of a flow, with the facts that CrewAI has about the flow. */
export interface Question {
  /** Name of the flow's method. */
  method: string;
  message: string;
  /** Value that the method returned; null by default, as in Python. */
  output?: unknown;
  /** Possible outcomes; empty, the default, allows only free text. */
  emit?: readonly string[];
  /** Member of `emit`; none by default. */
  defaultOutcome?: string;
  /** State of the flow at the pause. */
  state?: Record<string, unknown>;
  metadata?: Record<string, unknown>;
  assignedToEmail?: string;
  slaTargetMinutes?: number;
  /** The run of the flow; a new one by default. */
  flowExecutionId?: string;
  /** Id of the flow; by default equal to `flowExecutionId`, as in the captures. */
  flowId?: string;
  flowClass?: string;
  /** E-mail addresses of the people to whom the routing rules assign the request. */
  responders?: readonly string[];
  /** True if only the responders can answer. The sandbox reports this and does not enforce it. */
  enforceRouting?: boolean;
  /** Time until the review answers itself with `defaultOutcome`; never by default. */
  timeOutAfterMs?: number;
  /** Continues the flow with the answer. Returns the next question; undefined ends the flow. */
  onAnswer?: (
    review: FlowReview,
    feedback: string,
  ) => NextQuestion | undefined | Promise<NextQuestion | undefined>;
}

/** Changed fields of the next question of the same flow execution; other fields stay. */
export type NextQuestion = Partial<Omit<Question, 'flowExecutionId' | 'flowId' | 'flowClass'>>;

/** Throws a TypeError for a question that the decorator rejects when the flow is loaded. */
export function checkQuestion({ emit = [], defaultOutcome, timeOutAfterMs }: Question): void {
  if (defaultOutcome !== undefined && !emit.includes(defaultOutcome))
    throw new TypeError(`The default outcome "${defaultOutcome}" is not an outcome of emit`);
  if (timeOutAfterMs !== undefined && defaultOutcome === undefined)
    throw new TypeError('A review that times out needs a default outcome');
}
