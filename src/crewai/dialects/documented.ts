import { buildWebhookFields, type ResumeOrder } from '../resume-request.ts';

// POST /resume as CrewAI's API reference (v1.15) documents it: `is_approve` decides, both texts are sent as typed.

/** The fields of a body that only this dialect has. */
export const DOCUMENTED_FIELDS: ReadonlySet<string> = new Set([
  'execution_id',
  'task_id',
  'human_feedback',
  'is_approve',
]);

/** The body of POST /resume. `text`: what is sent as the person's answer. */
export function buildDocumentedBody(order: ResumeOrder, text?: string): Record<string, unknown> {
  const { approve, feedback, approvalText } = order;
  return {
    execution_id: order.executionId,
    task_id: order.taskId,
    human_feedback: text ?? (approve && feedback === '' ? approvalText : feedback),
    is_approve: approve,
    ...buildWebhookFields(order),
  };
}

/** What CrewAI did with the decision, from a 200; undefined for an answer of the other dialect. */
export function readDocumentedStatus(json: Readonly<Record<string, unknown>>): string | undefined {
  return typeof json.status === 'string' && json.status !== '' ? json.status : undefined;
}

/** Whether the answer to GET /status of an id that never existed is this dialect's. */
export function isDocumentedNotFound(status: number, json: Readonly<Record<string, unknown>>): boolean {
  return status === 404 && typeof json.error === 'string' && typeof json.message === 'string';
}
