import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Answer } from '../answers.ts';
import type { Runs } from '../contract.ts';
import { settlePause } from '../run.ts';
import { pickTargets, webhookUrlFields } from '../webhook-targets.ts';
import { refuseInvalidBody } from './validation-detail.ts';

// All other fields are ignored, including is_approve.
const resumeBody = z.object({
  executionId: z.string(),
  taskId: z.string(),
  humanFeedback: z.string().optional(),
  human_feedback: z.string().optional(),
  ...webhookUrlFields,
});

/** Feedback that approves. Any other text is an instruction to revise. */
const PLAIN_YES = /^\s*(?:approved?|lgtm|looks good|ok|yes)\s*[.!]*\s*$/i;

/**
 * Answers POST /resume like the running platform: 200 and a new id, even for unknown ids. Only the original execution id
 * with the UUID of a waiting pause has an effect.
 */
export function answerLiveResume(body: unknown, runs: Runs): Answer {
  const parsed = resumeBody.safeParse(body, { reportInput: true });
  if (!parsed.success) return refuseInvalidBody(parsed.error, body);
  const { executionId, taskId, humanFeedback, human_feedback, ...urls } = parsed.data;
  const kickoffId = randomUUID();
  const answer = { status: 200, body: { kickoff_id: kickoffId } };
  const run = runs.get(executionId);
  const pause = run?.execution.pendingTasks.find((pending) => pending.taskId === taskId);
  if (!run || !pause) return answer;
  const feedback = humanFeedback ?? human_feedback ?? '';
  const approves = PLAIN_YES.test(feedback);
  const targets = pickTargets(urls);
  return { ...answer, afterwards: settlePause(run, { pause, feedback, approves, targets, kickoffId }) };
}
