import { type Pause, type RunIdentity, toText } from '../webhook-bodies.ts';

/** Builds a human-input webhook as seen on the running platform: it names neither the task nor the agent. */
export function buildLiveHumanInputBody(run: RunIdentity, { taskId, output }: Pause) {
  return {
    kickoff_id: run.kickoffId,
    execution_id: run.executionId,
    task_id: taskId,
    task_output: toText(output),
    meta: run.meta ?? null,
  };
}
