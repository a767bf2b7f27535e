import { z } from 'zod';
import { time } from '../round.ts';

/** Apps that a crew needs but CrewAI has not connected. `said`: CrewAI's message, if it does not name the apps. */
const missingAppsSchema = z.object({
  code: z.literal('apps_not_connected'),
  apps: z.string().optional(),
  said: z.string().optional(),
});
export type MissingApps = z.infer<typeof missingAppsSchema>;

/** CrewAI's report: its own words, or a code with them. */
export const reportSchema = z.union([z.string(), missingAppsSchema]);
export type Report = z.infer<typeof reportSchema>;

/** Why a run was not started, may not have started, or failed. `error`: Node's code. */
export const startReasonSchema = z.union([
  reportSchema,
  z.object({
    code: z.enum([
      'no_id',
      'no_answer_in_time',
      'no_answer',
      'no_connection',
      'too_late',
      'not_fetched',
      'crew_gone',
    ]),
    error: z.string().optional(),
  }),
]);
export type StartReason = z.infer<typeof startReasonSchema>;

/** Status of a run, as CrewAI reports it. */
export const runStatusSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('running'),
    task: z.string().optional(),
    completed: z.number().optional(),
    total: z.number().optional(),
  }),
  z.object({ kind: z.literal('completed') }),
  z.object({ kind: z.literal('failed'), error: reportSchema.optional() }),
  /** An undocumented state, as received. */
  z.object({ kind: z.literal('other'), state: z.string() }),
  /** `live`: the running platform, which forgets a run while the run waits for a person. */
  z.object({ kind: z.literal('not_found'), live: z.literal(true).optional() }),
  z.object({ kind: z.literal('no_access'), status: z.number() }),
  z.object({ kind: z.literal('no_answer'), detail: reportSchema }),
  /** A program's run, as the program reported it last. */
  z.object({
    kind: z.literal('of_program'),
    state: z.enum(['running', 'finished', 'failed', 'unknown']),
    reason: reportSchema.optional(),
  }),
]);
export type RunStatus = z.infer<typeof runStatusSchema>;

/** Why a run failed, and when by CrewAI's clock. */
export const runFailureSchema = z.object({
  at: time,
  reason: reportSchema.optional(),
  /** Id of the run or its continuation that failed. */
  under: z.string().optional(),
});
export type RunFailure = z.infer<typeof runFailureSchema>;
