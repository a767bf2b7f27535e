import { z } from 'zod';
import { ticketSchema } from './run/ticket.ts';

/** All times in records are milliseconds since 1970, by the store's clock. */
export const time = z.number();
/** What the bot found itself, as the detail of a failure or of a missing status. Slack's texts have words for each. */
export type AnswerFault =
  | 'NOT_JSON'
  | 'NOT_OK'
  | 'NO_STATUS_OR_ID'
  | 'NOT_ACCEPTED'
  | 'NO_RUN_STATUS'
  /** The settings do not have the crew. */
  | 'CREW_GONE'
  /** The crew has no URL. */
  | 'FLOW_REVIEWS_ONLY';

/** Why CrewAI did not take a decision, as the card tells it. */
export const failureSchema = z.object({
  kind: z.enum(['refused', 'not_reached', 'unknown']),
  /** HTTP status, when there was an answer. */
  status: z.number().optional(),
  /** A code such as ECONNREFUSED or an AnswerFault, or CrewAI's own words, cut short. */
  detail: z.string().optional(),
});
export type Failure = z.infer<typeof failureSchema>;

export const decisionSchema = z.object({
  action: z.enum(['approve', 'request_revision', 'choose']),
  /** Of a Flow's options, the index of the chosen one; absent: an answer in free text. */
  option: z.number().optional(),
  /** As typed, or the text of the option; for an approve without a note empty: the crew's approval text is sent then. */
  feedback: z.string(),
  /** Slack user id; empty when a rule decided. */
  by: z.string(),
  rule: z.literal('expiry').optional(),
  at: time,
});
export type Decision = z.infer<typeof decisionSchema>;

/** The way of a decision to CrewAI. */
export const deliverySchema = z.object({
  /** When the decision was made, or was last told to be sent again: the hour of tries counts from here. */
  since: time,
  attempts: z.number(),
  /** The first attempt since `since` that may have arrived. */
  firstAttemptAt: time.optional(),
  /** Until then it is not sent and can be undone. */
  undoUntil: time.optional(),
  /** An attempt has started and its outcome is not recorded. */
  underway: z.boolean(),
  /** An attempt ended without a known outcome: CrewAI may have taken the decision. */
  unsure: z.boolean(),
  failure: failureSchema.optional(),
  acceptedAt: time.optional(),
  /** When a webhook of the run came last before CrewAI's answer was recorded, which may have come first. */
  heardAt: time.optional(),
  /** The dialect of its last attempt; where it is not the documented one, a 2xx proves nothing. */
  dialect: z.enum(['documented', 'live', 'unknown']).optional(),
  /** What CrewAI says that it did with it (documented dialect): resumed, retrying, completed. */
  says: z.string().optional(),
  /** Of its attempts, in their order. */
  tickets: z.array(ticketSchema).optional(),
});
export type Delivery = z.infer<typeof deliverySchema>;
