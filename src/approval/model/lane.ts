import { z } from 'zod';
import { time } from './decision.ts';

export const laneNames = ['card', 'thread', 'delivery'] as const;
export type LaneName = (typeof laneNames)[number];
/** One of the three independent kinds of work on an approval. */
export const laneSchema = z.object({
  lease: z.object({ owner: z.string(), until: time }).optional(),
  /** Failures in a row. */
  failures: z.number(),
  notBefore: time.optional(),
  /** Slack takes nothing there until a person changes something. */
  blocked: z.boolean().optional(),
});
export type Lane = z.infer<typeof laneSchema>;
