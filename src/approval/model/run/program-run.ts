/** Prefixes keep the runs of programs and of CrewAI apart: neither can reach the other's. */
const OF_PROGRAM = 'program:';
/** A question without a run gets a run of its own. */
const OF_QUESTION = 'question:';

/** A Flow review without a known run gets one, too. */
const OF_REVIEW = 'review:';

export function buildProgramRunId(run: string): string {
  return `${OF_PROGRAM}${run}`;
}

export function buildQuestionRunId(question: string): string {
  return `${OF_QUESTION}${question}`;
}

export function buildReviewRunId(review: string): string {
  return `${OF_REVIEW}${review}`;
}

export function isProgramRun(executionId: string): boolean {
  return executionId.startsWith(OF_PROGRAM) || executionId.startsWith(OF_QUESTION);
}

/** Returns a run's id as people know it; undefined: a question or a review without a run. */
export function nameRun(executionId: string): string | undefined {
  if (executionId.startsWith(OF_QUESTION) || executionId.startsWith(OF_REVIEW)) return undefined;
  return executionId.startsWith(OF_PROGRAM) ? executionId.slice(OF_PROGRAM.length) : executionId;
}
