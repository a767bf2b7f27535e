/** Prefixes keep the runs of programs and of CrewAI apart: neither can reach the other's. */
const PROGRAM_PREFIX = 'program:';
/** A question without a run gets its own run. */
const QUESTION_PREFIX = 'question:';

/** A Flow review without a known run gets one, too. */
const REVIEW_PREFIX = 'review:';

export function buildProgramRunId(run: string): string {
  return `${PROGRAM_PREFIX}${run}`;
}

export function buildQuestionRunId(question: string): string {
  return `${QUESTION_PREFIX}${question}`;
}

export function buildReviewRunId(review: string): string {
  return `${REVIEW_PREFIX}${review}`;
}

export function isProgramRun(executionId: string): boolean {
  return executionId.startsWith(PROGRAM_PREFIX) || executionId.startsWith(QUESTION_PREFIX);
}

/** Returns a run's id as people know it; undefined: a question or a review without a run. */
export function findShownRunId(executionId: string): string | undefined {
  if (executionId.startsWith(QUESTION_PREFIX) || executionId.startsWith(REVIEW_PREFIX)) return undefined;
  return executionId.startsWith(PROGRAM_PREFIX) ? executionId.slice(PROGRAM_PREFIX.length) : executionId;
}
