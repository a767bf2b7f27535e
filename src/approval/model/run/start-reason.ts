import { z } from 'zod';

/** Apps that a crew needs are not connected in CrewAI. `said`: its message, where it does not name them. */
const missingAppsSchema = z.object({
  code: z.literal('apps_not_connected'),
  apps: z.string().optional(),
  said: z.string().optional(),
});
export type MissingApps = z.infer<typeof missingAppsSchema>;

/** What CrewAI reports: its own words, or a code that it gives with them. */
export const reportSchema = z.union([z.string(), missingAppsSchema]);
export type Report = z.infer<typeof reportSchema>;

/** Why a run was not started, may not have been, or failed. `error`: Node's code. */
export const startReasonSchema = z.union([
  reportSchema,
  z.object({
    code: z.enum(['no_id', 'no_answer_in_time', 'no_answer', 'no_connection', 'too_late', 'crew_gone']),
    error: z.string().optional(),
  }),
]);
export type StartReason = z.infer<typeof startReasonSchema>;
