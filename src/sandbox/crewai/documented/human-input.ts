import type { Pause, RunIdentity } from '../webhook-bodies.ts';

/** Builds a human-input webhook. The reference describes it only in words: execution id, task id and task output. */
export function buildDocumentedHumanInputBody(run: RunIdentity, { task, taskId, output }: Pause) {
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
