import { randomBytes, randomUUID } from 'node:crypto';
import type { FlowAnswer } from './flow-review.ts';
import type { Question } from './question.ts';

/** A review as CrewAI stores it. */
export interface Review {
  id: string;
  token: string;
  callbackUrl: string;
  question: Question;
  flowExecutionId: string;
  flowId: string;
  flowClass: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  answer: FlowAnswer | undefined;
}

export function buildReview(
  question: Question,
  { id, baseUrl, now }: { id: string; baseUrl: string; now: number },
): Review {
  const flowExecutionId = question.flowExecutionId ?? randomUUID();
  const token = randomBytes(24).toString('base64url');
  return {
    id,
    token,
    callbackUrl: `${baseUrl}${buildCallbackPath(encodeURIComponent(id))}?token=${token}`,
    question,
    flowExecutionId,
    flowId: question.flowId ?? flowExecutionId,
    flowClass: question.flowClass ?? 'ContentReviewFlow',
    createdAt: now,
    answer: undefined,
  };
}

/** Builds the path of a callback URL, as in the capture. */
export function buildCallbackPath(id: string): string {
  return `/crewai_plus/api/v1/human_feedback_requests/${id}/respond`;
}

/** Formats a time like CrewAI: UTC, in whole seconds. */
export function formatTime(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}
