import type { CrewTask } from './crew-task.ts';

/** Fields that identify a run in its webhooks. */
export interface RunIdentity {
  /** Id from the response to /kickoff. */
  executionId: string;
  /** Id of the continuation that sends the webhook. */
  kickoffId: string;
  crewName: string;
  meta: Record<string, unknown> | undefined;
}

export interface Pause {
  task: CrewTask;
  taskId: string;
  output: string | object;
}

/** Builds the body of a human-input webhook. */
export type BuildHumanInputBody = (run: RunIdentity, pause: Pause) => Record<string, unknown>;

/** Returns an output as text; an object becomes JSON. */
export function toText(output: string | object): string {
  return typeof output === 'string' ? output : JSON.stringify(output);
}

export function toJson(output: string | object): object | null {
  return typeof output === 'string' ? null : output;
}

/** Builds a task webhook. It has no task_id, like the sample of the API reference. */
export function buildTaskBody(run: RunIdentity, task: CrewTask, output: string | object) {
  return { ...describeTask(task), ...describeOutput(output), ...describeRun(run) };
}

export function buildStepBody(run: RunIdentity, task: CrewTask) {
  return {
    prompt: task.description,
    thought: `I should begin with ${task.name}`,
    tool: 'search',
    tool_input: task.name,
    result: task.expectedOutput,
    ...describeRun(run),
  };
}

export function buildCrewBody(run: RunIdentity, result: string | object, tasks: readonly CrewTask[]) {
  return {
    result: toText(result),
    result_json: toJson(result),
    token_usage: estimateTokens(result, tasks),
    ...describeRun(run),
  };
}

/** Estimates four characters per token: a plausible number is enough. */
export function estimateTokens(result: string | object, tasks: readonly CrewTask[]) {
  const prompts = tasks.map(({ description }) => description).join();
  const prompt = Math.ceil(prompts.length / 4);
  const completion = Math.ceil(toText(result).length / 4);
  return { total_tokens: prompt + completion, prompt_tokens: prompt, completion_tokens: completion };
}

export function describeTask({ name, description, expectedOutput, agent }: CrewTask) {
  return {
    name,
    description,
    expected_output: expectedOutput,
    // CrewAI uses the first words of the description.
    summary: `${description.split(/\s+/).slice(0, 10).join(' ')}...`,
    agent,
  };
}

export function describeOutput(output: string | object) {
  return { output: toText(output), output_json: toJson(output) };
}

function describeRun({ kickoffId, meta }: RunIdentity) {
  return { kickoff_id: kickoffId, ...(meta && { meta }) };
}
