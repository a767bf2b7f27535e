import type { Answer } from '../answers.ts';
import type { Runs } from '../contract.ts';
import { countSeconds, type Run } from '../run.ts';
import { toText } from '../webhook-bodies.ts';
import { refuseDocumented } from './refusals.ts';

/** Answers GET /status as documented: a run that waits for a person is `running`, an unknown id is 404. */
export function answerDocumentedStatus(id: string, runs: Runs): Answer {
  const run = runs.get(id);
  return run ? { status: 200, body: describe(run) } : refuseDocumented(404, 'Execution not found');
}

function describe(run: Run): Record<string, unknown> {
  const { execution, environment, position } = run;
  const execution_time = countSeconds(run);
  if (execution.status === 'error') return { status: 'error', error: execution.error, execution_time };
  if (execution.status === 'completed') {
    return { status: 'completed', result: describeResult(run), execution_time };
  }
  return {
    status: 'running',
    current_task: environment.tasks[position]?.name ?? null,
    progress: { completed_tasks: position, total_tasks: environment.tasks.length },
  };
}

function describeResult({ execution, environment, taskSeconds }: Run) {
  const tasks = environment.tasks.map(({ name, agent }) => ({
    task_id: name,
    output: toText(execution.outputs[name] ?? ''),
    agent,
    execution_time: taskSeconds.get(name) ?? 0,
  }));
  return { output: tasks.at(-1)?.output ?? '', tasks };
}
