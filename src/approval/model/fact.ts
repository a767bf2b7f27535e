import { z } from 'zod';
import { time } from './decision.ts';

/** One thing that happened to an approval; it is kept under a key of its own as well. */
export const factSchema = z.object({
  seq: z.number(),
  at: time,
  what: z.string(),
  round: z.number().optional(),
  /** Slack user id, or absent when no person did it. */
  by: z.string().optional(),
  /** Where it came from: a webhook's kind, a place in Slack, or absent for the bot itself. */
  origin: z.string().optional(),
  /** Never what people or crews wrote: an audit outlives their texts. */
  detail: z.string().optional(),
  /** The outcome of an attempt to deliver a decision, and CrewAI's HTTP status. */
  outcome: z.string().optional(),
  status: z.number().optional(),
});
export type Fact = z.infer<typeof factSchema>;
