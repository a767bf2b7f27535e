/** One task of the deployed crew. */
export interface CrewTask {
  name: string;
  agent: string;
  description: string;
  expectedOutput: string;
  /** The run pauses after this task until POST /resume. */
  humanInput: boolean;
  /** It runs at the same moment as the task before it. */
  alongside?: true;
  /**
   * `revisions` is what people asked to change in the outputs of this task. If it throws, the task and the run fail with
   * the message of the error.
   */
  output: (run: { revisions: string[]; inputs: Record<string, unknown> }) => string | object;
}
