import { randomBytes } from 'node:crypto';
import type { Review } from './review.ts';
import { buildFlatBody } from './webhook-bodies.ts';

/** What the platform tells of a review. */
export interface FlowContract {
  newRequestId(): string;
  /** The body of its webhook. */
  buildBody(review: Review): Record<string, unknown>;
  /** How long it waits for the answer to a webhook. */
  webhookTimeoutMs: number;
}

/** As the platform does it. */
export const flatContract: FlowContract = {
  newRequestId: () => `hfr_${randomBytes(8).toString('hex')}`,
  buildBody: buildFlatBody,
  webhookTimeoutMs: 30_000,
};
