import { randomBytes } from 'node:crypto';
import type { Review } from './review.ts';
import { buildFlatBody } from './webhook-bodies.ts';

/** How the platform reports a review. */
export interface FlowContract {
  newRequestId(): string;
  /** Builds the body of the review's webhook. */
  buildBody(review: Review): Record<string, unknown>;
  /** Time that the platform waits for the response to a webhook. */
  webhookTimeoutMs: number;
}

/** The form in captured webhooks of the platform: all fields of a review are at the top level. */
export const flatContract: FlowContract = {
  newRequestId: () => `hfr_${randomBytes(8).toString('hex')}`,
  buildBody: buildFlatBody,
  webhookTimeoutMs: 30_000,
};
