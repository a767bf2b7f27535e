import type { Answer } from '../answers.ts';
import { isJson } from '../json.ts';
import type { FlowAnswer } from './flow-review.ts';
import { formatTime, type Review } from './review.ts';

/** A POST to a callback URL, as it arrived. */
export interface CallbackRequest {
  requestId: string;
  token: string | undefined;
  contentType: string | undefined;
  text: string;
}

/** The names of the errors that no capture shows have the form of the one that does, `already_responded`. */
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

/** Reads an answer to a review, or refuses the request. The first answer wins. Pure. */
export function readCallback(
  review: Review | undefined,
  { token, contentType, text }: CallbackRequest,
): { review: Review; feedback: string } | { refused: Answer } {
  if (!review) return { refused: refuseCallback(404, 'Feedback request not found') };
  if (token !== review.token) return { refused: refuseCallback(401, 'Invalid or missing token') };
  // What is checked first is not known; a body that says nothing is refused whether there is an answer or not.
  const feedback = readFeedback(contentType, text);
  if (feedback === undefined) return { refused: refuseCallback(422, 'Feedback is required') };
  if (review.answer) return { refused: refuseAnswered(review.answer) };
  return { review, feedback };
}

/** The captures end after `…` with further fields of the request: these are some that the webhook has. */
export function buildAccepted({ id, flowId, question, createdAt }: Review, answer: FlowAnswer): Answer {
  const request = {
    id,
    status: 'responded',
    feedback: answer.feedback,
    // An LLM of the flow decides the outcome later.
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

/** A blank feedback counts as none. A client can name its source too. */
function readFeedback(contentType: string | undefined, text: string): string | undefined {
  if (contentType !== 'application/json' || !isJson(text)) return undefined;
  const body: unknown = JSON.parse(text);
  if (typeof body !== 'object' || body === null || !('feedback' in body)) return undefined;
  const { feedback } = body;
  return typeof feedback === 'string' && feedback.trim() !== '' ? feedback : undefined;
}
