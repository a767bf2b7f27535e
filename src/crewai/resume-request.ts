import type { Decision, Round } from '../approval/approval.ts';
import { type Crew, humanInputToSend, urlsToSend } from '../approval/crew.ts';
import type { Execution } from '../approval/execution.ts';
import type { HumanInputWebhook } from '../approval/webhook-urls.ts';

/** The body of POST /resume, as documented. */
export interface ResumeRequest {
  execution_id: string;
  task_id: string;
  human_feedback: string;
  is_approve: boolean;
  taskWebhookUrl?: string;
  stepWebhookUrl?: string;
  crewWebhookUrl?: string;
  humanInputWebhook?: HumanInputWebhook;
}

/** The same as the platform was observed to take it: other names, and the text alone decides. */
export type CamelcaseResumeRequest = Pick<
  ResumeRequest,
  'taskWebhookUrl' | 'stepWebhookUrl' | 'crewWebhookUrl' | 'humanInputWebhook'
> & { executionId: string; taskId: string; humanFeedback: string; isApprove: boolean };

/** Builds it from the records alone, with every webhook URL that is known; what is not known is left out. */
export function resumeRequest(
  crew: Crew,
  execution: Execution,
  round: Round,
  decision: Decision,
): ResumeRequest | CamelcaseResumeRequest {
  const request = documented(crew, execution, round, decision);
  if (crew.resumeFormat === 'documented') return request;
  const { execution_id, task_id, human_feedback, is_approve, ...webhooks } = request;
  return {
    executionId: execution_id,
    taskId: task_id,
    // Any other text would re-run the task.
    humanFeedback: is_approve ? crew.approvalText : human_feedback,
    isApprove: is_approve,
    ...webhooks,
  };
}

function documented(crew: Crew, execution: Execution, round: Round, decision: Decision): ResumeRequest {
  const approve = decision.action === 'approve';
  const urls = urlsToSend(crew, execution);
  const humanInput = humanInputToSend(crew, execution)?.webhook;
  return {
    execution_id: execution.executionId,
    task_id: round.taskId,
    human_feedback: approve && decision.feedback === '' ? crew.approvalText : decision.feedback,
    is_approve: approve,
    ...(urls.task ? { taskWebhookUrl: urls.task.url } : {}),
    ...(urls.step ? { stepWebhookUrl: urls.step.url } : {}),
    ...(urls.crew ? { crewWebhookUrl: urls.crew.url } : {}),
    ...(round.humanInput && humanInput ? { humanInputWebhook: humanInput } : {}),
  };
}
