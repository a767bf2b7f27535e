import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Answer } from '../answers.ts';
import type { Runs } from '../contract.ts';
import { settlePause } from '../run.ts';
import { pickTargets, webhookUrlFields } from '../webhook-targets.ts';
import { refuseInvalidBody } from './validation-detail.ts';

// Every other field is ignored, is_approve too.
const resumeBody = z.object({
  executionId: z.string(),
  taskId: z.string(),
  humanFeedback: z.string().optional(),
  human_feedback: z.string().optional(),
  ...webhookUrlFields,
});

/** Anything beyond a plain yes is an instruction. */
const PLAIN_YES = /^\s*(?:approved?|lgtm|looks good|ok|yes)\s*[.!]*\s*$/i;

/**
 * POST /resume as the running platform does it: 200 and a new id for whatever ids are sent. Only the original
 * execution id with the UUID of a pause that waits has an effect.
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
