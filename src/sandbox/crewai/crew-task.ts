/** One task of the deployed crew. */
export interface CrewTask {
  name: string;
  agent: string;
  description: string;
  expectedOutput: string;
  /** The run pauses after this task until POST /resume. */
  humanInput: boolean;
  /** `feedback` is all that people have said in this run so far. Throwing ends the run with an error. */
  output: (run: { feedback: string[]; inputs: Record<string, unknown> }) => string | object;
  /** The beginning of the description by default, as CrewAI makes it. */
  summary?: string;
}
