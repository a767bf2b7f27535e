import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { buildWebhookFields, type ResumeContent } from '../resume-request.ts';

// POST /resume of the running platform: the text alone decides, and CrewAI ignores `is_approve`.

/** Fields of a body that only this dialect has. */
export const LIVE_FIELDS: ReadonlySet<string> = new Set(['executionId', 'taskId', 'humanFeedback']);

/** Builds the body of POST /resume. */
export function buildLiveBody(content: ResumeContent): Record<string, unknown> {
  return {
    executionId: content.executionId,
    taskId: content.taskId,
    humanFeedback: buildDecidingText(content),
    ...buildWebhookFields(content),
  };
}

/**
 * Builds a text that decides by itself. A short plain yes releases the task; any other text runs it again. So an approval is only
 * the yes, and a revision begins with a line that cannot be read as a yes, whatever the person typed.
 */
export function buildDecidingText({ approve, feedback, approvalText, revisionText }: ResumeContent): string {
  return approve ? approvalText : `${revisionText}\n\n${feedback}`;
}

/** Reads the id of the continuation from a 200; undefined: a response of the other dialect. */
export function readContinuationId(json: Readonly<Record<string, unknown>>): string | undefined {
  return json.status === undefined ? idSchema.safeParse(json.kickoff_id).data : undefined;
}

/** True if this is this dialect's response to GET /status of an id that never existed. */
export function isLiveStatus(status: number, json: Readonly<Record<string, unknown>>): boolean {
  return status === 200 && typeof json.state === 'string';
}

/** The `detail` of FastAPI's 422. */
const validationItems = z
  .array(z.object({ type: z.string(), loc: z.array(z.unknown()), msg: z.string() }))
  .min(1);

/** Reads the validation errors of a rejection; undefined: its `detail` is not a list of them. */
export function readValidationItems({ detail }: Readonly<Record<string, unknown>>) {
  return validationItems.safeParse(detail).data;
}

/** Finds the missing and unknown fields in a 422 without other errors: such a 422 proves that the handler did not run. */
export function findRejectedFields(
  status: number,
  json: Readonly<Record<string, unknown>>,
): { missing: string[]; unknown: string[] } | undefined {
  const items = status === 422 ? readValidationItems(json) : undefined;
  const proves = items?.every(
    ({ type, loc }) => loc[0] === 'body' && (type === 'missing' || type === 'extra_forbidden'),
  );
  if (!items || !proves) return undefined;
  const listFields = (wanted: string) =>
    items.filter(({ type }) => type === wanted).map(({ loc }) => String(loc[1] ?? ''));
  return { missing: listFields('missing'), unknown: listFields('extra_forbidden') };
}
