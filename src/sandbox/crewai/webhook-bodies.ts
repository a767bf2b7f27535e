import type { CrewTask } from './crew-task.ts';

/** What every webhook of a run tells about it. */
export interface RunIdentity {
  executionId: string;
  crewName: string;
  meta: Record<string, unknown> | undefined;
}

/** The output as text: an object becomes its JSON. */
export function asText(output: string | object): string {
  return typeof output === 'string' ? output : JSON.stringify(output);
}

function asJson(output: string | object): object | null {
  return typeof output === 'string' ? null : output;
}

function identity({ executionId, meta }: RunIdentity) {
  return { kickoff_id: executionId, ...(meta && { meta }) };
}

/** The documented sample has no task_id. */
export function taskBody(run: RunIdentity, task: CrewTask, output: string | object) {
  return {
    name: task.name,
    description: task.description,
    expected_output: task.expectedOutput,
    summary: task.summary ?? `${task.description.split(/\s+/).slice(0, 10).join(' ')}...`,
    agent: task.agent,
    output: asText(output),
    output_json: asJson(output),
    ...identity(run),
  };
}

export function stepBody(run: RunIdentity, task: CrewTask) {
  return {
    prompt: task.description,
    thought: `I should begin with ${task.name}`,
    tool: 'search',
    tool_input: task.name,
    result: task.expectedOutput,
    ...identity(run),
  };
}

export function humanInputBody(run: RunIdentity, task: CrewTask, taskId: string, output: string | object) {
  return {
    execution_id: run.executionId,
    task_id: taskId,
    task_name: task.name,
    crew_name: run.crewName,
    agent: task.agent,
    task_output: output,
    ...(run.meta && { meta: run.meta }),
  };
}

export function crewBody(run: RunIdentity, result: string | object, promptText: string) {
  // About four characters a token: near enough for a figure that only has to be there.
  const prompt = Math.ceil(promptText.length / 4);
  const completion = Math.ceil(asText(result).length / 4);
  return {
    result: asText(result),
    result_json: asJson(result),
    token_usage: {
      total_tokens: prompt + completion,
      prompt_tokens: prompt,
      completion_tokens: completion,
    },
    ...identity(run),
  };
}
