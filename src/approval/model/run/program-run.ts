/** The runs of programs and those of CrewAI have ids of their own: neither reaches the other's. */
const OF_PROGRAM = 'program:';
/** A question that names no run has one of its own. */
const OF_QUESTION = 'question:';

/** So has a review of a Flow whose run is not known. */
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

/** A run by the id that people know; undefined: a question or a review without a run. */
export function nameRun(executionId: string): string | undefined {
  if (executionId.startsWith(OF_QUESTION) || executionId.startsWith(OF_REVIEW)) return undefined;
  return executionId.startsWith(OF_PROGRAM) ? executionId.slice(OF_PROGRAM.length) : executionId;
}
