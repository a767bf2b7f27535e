import { buildWebhookFields, type ResumeContent } from '../resume-request.ts';

// POST /resume as in CrewAI's API reference (v1.15): `is_approve` decides, and both texts are sent as typed.

/** Fields of a body that only this dialect has. */
export const DOCUMENTED_FIELDS: ReadonlySet<string> = new Set([
  'execution_id',
  'task_id',
  'human_feedback',
  'is_approve',
]);

/** Builds the body of POST /resume. `text`: the person's answer to send instead of the decision's own text. */
export function buildDocumentedBody(content: ResumeContent, text?: string): Record<string, unknown> {
  const { approve, feedback, approvalText } = content;
  return {
    execution_id: content.executionId,
    task_id: content.taskId,
    human_feedback: text ?? (approve && feedback === '' ? approvalText : feedback),
    is_approve: approve,
    ...buildWebhookFields(content),
  };
}

/** Reads from a 200 what CrewAI did with the decision; undefined: a response of the other dialect. */
export function readDocumentedStatus(json: Readonly<Record<string, unknown>>): string | undefined {
  return typeof json.status === 'string' && json.status !== '' ? json.status : undefined;
}

/** True if this is this dialect's response to GET /status of an id that never existed. */
export function isDocumentedNotFound(status: number, json: Readonly<Record<string, unknown>>): boolean {
  return status === 404 && typeof json.error === 'string' && typeof json.message === 'string';
}
