import * as z from 'zod';
import { type Answer, refusal } from './answers.ts';
import { targetsOf, type WebhookTargets, webhookUrlFields, whatIsWrong } from './webhook-targets.ts';

/** `documented` is the API reference's form, `camelcase` the one observed on the platform. */
export type ResumeFormat = 'documented' | 'camelcase';

export interface Resume {
  executionId: string;
  taskId: string;
  feedback: string;
  approves: boolean;
  targets: WebhookTargets;
}

// The reference's own example of an execution id is no UUID, so neither id is checked to be one.
const filled = z.string().min(1);

const documentedBody = z
  .strictObject({
    execution_id: filled,
    task_id: filled,
    human_feedback: filled,
    is_approve: z.boolean(),
    ...webhookUrlFields,
  })
  .transform(
    (body): Resume => ({
      executionId: body.execution_id,
      taskId: body.task_id,
      feedback: body.human_feedback,
      approves: body.is_approve,
      targets: targetsOf(body),
    }),
  );

// Observed: the text alone decides, and anything beyond the plain word is an instruction.
const plainApproval = /^\s*approved[.!]?\s*$/i;

const camelcaseBody = z
  .strictObject({
    executionId: filled,
    taskId: filled,
    humanFeedback: filled,
    isApprove: z.unknown().optional(),
    ...webhookUrlFields,
  })
  .transform(
    (body): Resume => ({
      executionId: body.executionId,
      taskId: body.taskId,
      feedback: body.humanFeedback,
      approves: plainApproval.test(body.humanFeedback),
      targets: targetsOf(body),
    }),
  );

/** Reads the body of POST /resume, or says how it is refused. An unknown field is refused: it would be a drift. */
export function readResume(body: unknown, format: ResumeFormat): { resume: Resume } | { refused: Answer } {
  const parsed = (format === 'camelcase' ? camelcaseBody : documentedBody).safeParse(body);
  return parsed.success
    ? { resume: parsed.data }
    : { refused: refusal(400, `Invalid request: ${whatIsWrong(parsed.error)}`) };
}
