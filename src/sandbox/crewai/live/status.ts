import type { Answer } from '../answers.ts';
import type { Runs } from '../contract.ts';
import { getResult, type Run } from '../run.ts';
import { describeOutput, describeTask, estimateTokens, toJson, toText } from '../webhook-bodies.ts';

const NOT_FOUND = { state: 'NOT FOUND', status: 'Task not found or Invalid kickoff id', result: null };

/**
 * Answers GET /status like the running platform: always 200. A run is found only by the id of its latest continuation,
 * and not while it waits for a person.
 */
export function answerLiveStatus(id: string, runs: Runs): Answer {
  const run = [...runs.values()].find(({ execution }) => execution.kickoffId === id);
  const isFound = run && run.execution.status !== 'pending human input';
  return { status: 200, body: isFound ? describe(run) : NOT_FOUND };
}

function describe(run: Run): Record<string, unknown> {
  const { execution } = run;
  const common = {
    result: null,
    result_json: null,
    progress: null,
    last_executed_task: describeLastTask(run),
    execution_origin: execution.rounds.length > 0 ? 'hitl-resume' : null,
    flow_id: null,
  };
  // Clients read `state`: `status` is a sentence.
  if (execution.status === 'error') return { ...common, state: 'FAILED', status: execution.error };
  if (execution.status === 'completed') {
    return { ...common, state: 'SUCCESS', status: null, ...describeResult(run) };
  }
  return { ...common, state: 'RUNNING', status: 'Task is Running', progress: describeProgress(run) };
}

function describeProgress({ environment: { tasks }, position }: Run) {
  const currentTask = tasks[position];
  return {
    unit: 'task',
    completed: position,
    total: tasks.length,
    remaining: tasks.length - position,
    current: currentTask?.name ?? null,
    current_agent: currentTask?.agent ?? null,
  };
}

function describeResult(run: Run) {
  const result = getResult(run);
  return {
    result: toText(result),
    result_json: toJson(result),
    usage_metrics: estimateTokens(result, run.environment.tasks),
  };
}

function describeLastTask({ execution, environment, position, meta }: Run) {
  const task = environment.tasks[position - 1];
  if (!task) return null;
  return { ...describeTask(task), ...describeOutput(execution.outputs[task.name] ?? ''), meta: meta ?? null };
}
