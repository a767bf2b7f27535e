import * as z from 'zod';
import type { Answer } from '../answers.ts';
import type { Runs } from '../contract.ts';
import type { PendingTask } from '../execution.ts';
import { type Run, settlePause } from '../run.ts';
import { pickTargets, webhookUrlFields } from '../webhook-targets.ts';
import { refuseDocumented, refuseInvalidFields } from './refusals.ts';

// The execution id in the reference's example is not a UUID: any text that is not empty is an id.
const nonEmptyString = z.string().min(1);
const ignored = z.unknown().optional();

// The reference does not forbid other fields. The sandbox ignores the names of the live dialect and refuses all others,
// which reveals misspelled names.
const resumeBody = z.strictObject({
  execution_id: nonEmptyString,
  task_id: nonEmptyString,
  human_feedback: nonEmptyString,
  is_approve: z.boolean(),
  ...webhookUrlFields,
  executionId: ignored,
  taskId: ignored,
  humanFeedback: ignored,
  isApprove: ignored,
});

/** Answers POST /resume as documented: `is_approve` decides; `task_id` is a task's name or the UUID of the pause. */
export function answerDocumentedResume(body: unknown, runs: Runs): Answer {
  const parsed = resumeBody.safeParse(body);
  if (!parsed.success) return refuseInvalidFields(parsed.error);
  const { execution_id, task_id, human_feedback: feedback, is_approve: approves, ...fields } = parsed.data;
  const run = runs.get(execution_id);
  if (!run) return refuseDocumented(404, 'Execution not found');
  if (!hasTask(run, task_id)) return refuseDocumented(404, 'Task not found');
  const pause = findPause(run, task_id);
  if (!pause) {
    return refuseDocumented(400, 'Execution is not in pending human input state');
  }
  const afterwards = settlePause(run, { pause, feedback, approves, targets: pickTargets(fields) });
  const answer = approves
    ? { status: 'resumed', message: 'Execution resumed successfully' }
    : { status: 'retrying', message: 'Task will be retried with the feedback' };
  return { status: 200, body: answer, afterwards };
}

function hasTask({ environment, execution }: Run, taskId: string): boolean {
  return (
    environment.tasks.some(({ name }) => name === taskId) ||
    execution.rounds.some((round) => round.taskId === taskId)
  );
}

function findPause({ execution: { pendingTasks } }: Run, taskId: string): PendingTask | undefined {
  return pendingTasks.find((pending) => pending.name === taskId || pending.taskId === taskId);
}
