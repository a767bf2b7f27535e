import { z } from 'zod';
import { time } from '../round.ts';
import { reportSchema } from './start-reason.ts';

/** The status of a run, as CrewAI reports it. */
export const runStatusSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('running'),
    task: z.string().optional(),
    completed: z.number().optional(),
    total: z.number().optional(),
  }),
  z.object({ kind: z.literal('completed') }),
  z.object({ kind: z.literal('failed'), error: reportSchema.optional() }),
  /** A state that is not documented, as it came. */
  z.object({ kind: z.literal('other'), state: z.string() }),
  /** `live`: the running platform, which forgets a run while it waits for a person. */
  z.object({ kind: z.literal('not_found'), live: z.literal(true).optional() }),
  z.object({ kind: z.literal('no_access'), status: z.number() }),
  z.object({ kind: z.literal('no_answer'), detail: reportSchema }),
]);
export type RunStatus = z.infer<typeof runStatusSchema>;

/** Why a run failed, and when by CrewAI's clock. */
export const runFailureSchema = z.object({ at: time, reason: reportSchema.optional() });
export type RunFailure = z.infer<typeof runFailureSchema>;
