import type { Answer } from '../answers.ts';
import { isJson } from '../json.ts';
import type { FlowAnswer } from './flow-review.ts';
import { formatTime, type Review } from './review.ts';

/** A POST to a callback URL, before it is checked. */
export interface CallbackRequest {
  requestId: string;
  token: string | undefined;
  contentType: string | undefined;
  text: string;
}

/** Error names by status. A capture shows only `already_responded`; the other names follow its form. */
const ERRORS: Readonly<Record<number, string>> = {
  400: 'bad_request',
  401: 'unauthorized',
  404: 'not_found',
  409: 'already_responded',
  413: 'payload_too_large',
  422: 'unprocessable_entity',
  429: 'too_many_requests',
};

export function refuseCallback(status: number, message: string): Answer {
  return { status, body: { error: ERRORS[status] ?? 'internal_server_error', message } };
}

/** Reads an answer to a review, or refuses the request. The first answer wins. */
export function readCallback(
  review: Review | undefined,
  { token, contentType, text }: CallbackRequest,
): { review: Review; feedback: string } | { refused: Answer } {
  if (!review) return { refused: refuseCallback(404, 'Feedback request not found') };
  if (token !== review.token) return { refused: refuseCallback(401, 'Invalid or missing token') };
  // CrewAI's order of these checks is not known. Here, blank feedback is 422 even if the review has an answer.
  const feedback = readFeedback(contentType, text);
  if (feedback === undefined) return { refused: refuseCallback(422, 'Feedback is required') };
  if (review.answer) return { refused: refuseAnswered(review.answer) };
  return { review, feedback };
}

/** Builds the response to accepted feedback. The captures cut the request short with `…`: the rest comes from its webhook. */
export function buildAccepted({ id, flowId, question, createdAt }: Review, answer: FlowAnswer): Answer {
  const request = {
    id,
    status: 'responded',
    feedback: answer.feedback,
    // An LLM of the flow chooses the outcome later.
    outcome: null,
    flow_id: flowId,
    method_name: question.method,
    created_at: formatTime(createdAt),
    responded_at: formatTime(answer.at),
  };
  return { status: 200, body: { status: 'accepted', request } };
}

function refuseAnswered({ via, at }: FlowAnswer): Answer {
  return refuseCallback(409, `Feedback already provided via ${via} at ${formatTime(at)}`);
}

/** Reads the feedback; undefined if it is blank. Ignores other fields: a client can also send its `source`. */
function readFeedback(contentType: string | undefined, text: string): string | undefined {
  if (contentType !== 'application/json' || !isJson(text)) return undefined;
  const body: unknown = JSON.parse(text);
  if (typeof body !== 'object' || body === null || !('feedback' in body)) return undefined;
  const { feedback } = body;
  return typeof feedback === 'string' && feedback.trim() !== '' ? feedback : undefined;
}
