import { z } from 'zod';
import { time } from './decision.ts';

/** What a Flow asks people (`@human_feedback`). The round of a crew's pause has none. */
export const reviewSchema = z.object({
  /** What it can be answered with, verbatim; empty: only free text. */
  options: z.array(z.string()),
  /** The answer that CrewAI gives itself when nobody does. */
  defaultOutcome: z.string().optional(),
  /** Only its options answer it, and nothing else answers when nobody does. */
  outcomesOnly: z.literal(true).optional(),
  /** Where the answer is sent. Everyone who knows it can answer, so it is deleted when the round is settled. */
  callbackUrl: z.string().optional(),
  /** The settings do not allow calls to this host: the review has to be answered in CrewAI. */
  blockedHost: z.string().optional(),
  /** Names the stored state of the Flow, which may hold secrets: only people who may decide read it. */
  stateHash: z.string().optional(),
  /** When CrewAI asked, by its clock. */
  createdAt: time.optional(),
  /** When CrewAI expects the answer; nothing happens then. */
  dueAt: time.optional(),
  /** The e-mail address of whom CrewAI assigned it to. */
  assigneeEmail: z.string().optional(),
  /** E-mail addresses of the only people who may decide, where CrewAI enforces its routing. */
  responders: z.array(z.string()).optional(),
  /** How CrewAI says that it was answered elsewhere. */
  answeredVia: z.string().optional(),
});
export type Review = z.infer<typeof reviewSchema>;

/** Why the answer to a review was refused, as the detail of a failure. */
export const REVIEW_FAULTS = {
  /** The settings do not allow its host any more: CrewAI was not called. */
  hostNotAllowed: 'CALLBACK_NOT_ALLOWED',
  /** CrewAI does not accept the secret in its callback. */
  callbackRejected: 'CALLBACK_REJECTED',
  /** CrewAI does not know it. */
  unknownReview: 'REVIEW_UNKNOWN',
} as const;
