import type { FlowReview } from './flow-review.ts';

/** What `@human_feedback` asks at a method of a flow, and what CrewAI knows of the flow at that moment. */
export interface Question {
  /** Name of the flow's method. */
  method: string;
  message: string;
  /** What the method returned; null by default, as in Python. */
  output?: unknown;
  /** The possible outcomes; free text only if empty, which is the default. */
  emit?: readonly string[];
  /** One of `emit`; none by default. */
  defaultOutcome?: string;
  /** The flow's state at the pause. */
  state?: Record<string, unknown>;
  metadata?: Record<string, unknown>;
  assignedToEmail?: string;
  slaTargetMinutes?: number;
  /** The run of the flow; a new one by default. */
  flowExecutionId?: string;
  /** The flow execution by default: the captures show the same id in both. */
  flowId?: string;
  flowClass?: string;
  /** The e-mail addresses of those to whom the routing rules give the request. */
  responders?: readonly string[];
  /** Whether only the responders may answer. */
  enforceRouting?: boolean;
  /** After this long the review answers itself with `defaultOutcome`; never by default. */
  timeOutAfterMs?: number;
  /** Continues the flow once it has the answer: what it returns is asked next; the flow ends if that is nothing. */
  onAnswer?: (
    review: FlowReview,
    feedback: string,
  ) => NextQuestion | undefined | Promise<NextQuestion | undefined>;
}

/** What differs in the next question of the same flow execution; everything else is asked as before. */
export type NextQuestion = Partial<Omit<Question, 'flowExecutionId' | 'flowId' | 'flowClass'>>;

/** Rejects what the decorator rejects when the flow is loaded. */
export function checkQuestion({ emit = [], defaultOutcome, timeOutAfterMs }: Question): void {
  if (defaultOutcome !== undefined && !emit.includes(defaultOutcome))
    throw new TypeError(`The default outcome "${defaultOutcome}" is not an outcome of emit`);
  if (timeOutAfterMs !== undefined && defaultOutcome === undefined)
    throw new TypeError('A review that times out needs a default outcome');
}
