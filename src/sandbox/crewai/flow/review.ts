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
  assignedToEmail: string | undefined;
  answer: FlowAnswer | undefined;
}

/** Both are found in CrewAI's published payloads: the flat one has the short form. */
export type IdForm = 'hfr' | 'uuid';

export function buildReview(
  question: Question,
  { baseUrl, idForm, now }: { baseUrl: string; idForm: IdForm; now: number },
): Review {
  const flowExecutionId = question.flowExecutionId ?? randomUUID();
  const id =
    question.requestId ?? (idForm === 'uuid' ? randomUUID() : `hfr_${randomBytes(8).toString('hex')}`);
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
    assignedToEmail: question.assignedToEmail,
    answer: undefined,
  };
}

/** The path of the flat capture, also for the nested shape, whose example has another host and path. */
export function buildCallbackPath(id: string): string {
  return `/crewai_plus/api/v1/human_feedback_requests/${id}/respond`;
}

/** As CrewAI writes times: UTC, in whole seconds. */
export function formatTime(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}
