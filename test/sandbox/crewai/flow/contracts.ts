import { createHmac, randomUUID } from 'node:crypto';
import { type FlowContract, flatContract } from '../../../../src/sandbox/crewai/flow/contract.ts';
import { formatTime, type Review } from '../../../../src/sandbox/crewai/flow/review.ts';
import { createSigner, type Sign } from '../../../../src/sandbox/crewai/flow/signature.ts';

/** The platform sends `X-Crewai`; its documentation names `X-Signature`. */
export type SignatureHeaders = 'X-Crewai' | 'X-Signature';

/** The whole secret with its `whsec_`, or the bytes after it, decoded from hex. */
export type SigningKey = 'whole' | 'hex';

/** The shape of the captures, or the documented one. */
export type Shape = 'flat' | 'nested';

/**
 * The documented shape. It has no output, default outcome or flow execution, and its example has another host and path.
 */
const nestedContract: FlowContract = {
  ...flatContract,
  newRequestId: randomUUID,
  buildBody: buildNestedBody,
};

export const FLOW_CONTRACTS: Readonly<Record<Shape, FlowContract>> = {
  flat: flatContract,
  nested: nestedContract,
};

function buildNestedBody(review: Review): Record<string, unknown> {
  const { question } = review;
  const { assignedToEmail } = question;
  return {
    event: 'new_request',
    request: {
      id: review.id,
      flow_id: review.flowId,
      method_name: question.method,
      message: question.message,
      emit_options: question.emit ?? [],
      state: question.state ?? {},
      metadata: question.metadata ?? {},
      created_at: formatTime(review.createdAt),
    },
    deployment: { id: 4711, name: 'content-review', organization_id: 12 },
    callback_url: review.callbackUrl,
    ...(assignedToEmail !== undefined && { assigned_to_email: assignedToEmail }),
  };
}

/**
 * Builds the body of an escalation: the request's body with another event. The status stays, as all captures have the
 * same one.
 */
export function escalated(body: Record<string, unknown>): Record<string, unknown> {
  return { ...body, ['event_type' in body ? 'event_type' : 'event']: 'escalation' };
}

/** Creates a signer for one of the ways that sources name. */
export function createAnySigner(
  secret: string,
  { headers, key, now }: { headers: SignatureHeaders; key: SigningKey; now: () => number },
): Sign {
  if (headers === 'X-Crewai' && key === 'whole') return createSigner(secret, now);
  const hmacKey = key === 'whole' ? secret : readHex(secret);
  const [signature, timestamp] =
    headers === 'X-Crewai' ? ['X-Crewai-Signature', 'X-Crewai-Timestamp'] : ['X-Signature', 'X-Timestamp'];
  return (text) => {
    const at = String(Math.floor(now() / 1000));
    const digest = createHmac('sha256', hmacKey).update(`${at}.${text}`).digest('hex');
    return { [signature]: `sha256=${digest}`, [timestamp]: at };
  };
}

function readHex(secret: string): Buffer {
  return Buffer.from(secret.replace(/^whsec_/, ''), 'hex');
}
