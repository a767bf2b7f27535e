/** A task of the deployed crew. */
export interface CrewTask {
  name: string;
  agent: string;
  description: string;
  expectedOutput: string;
  /** True if the run pauses after this task until POST /resume. */
  humanInput: boolean;
  /** Set if the task runs in parallel with the task before it. */
  alongside?: true;
  /**
   * Writes the output. `revisions`: the feedback on rejected outputs of this task, oldest first. If this function
   * throws, the task and the run fail with the message of the error.
   */
  writeOutput: (run: { revisions: string[]; inputs: Record<string, unknown> }) => string | object;
}
