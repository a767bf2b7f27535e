import { type Pause, type RunIdentity, toText } from '../webhook-bodies.ts';

/** Seen on the running platform: the body names neither the task nor the agent. */
export function buildLiveHumanInputBody(run: RunIdentity, { taskId, output }: Pause) {
  return {
    kickoff_id: run.kickoffId,
    execution_id: run.executionId,
    task_id: taskId,
    task_output: toText(output),
    meta: run.meta ?? null,
  };
}
