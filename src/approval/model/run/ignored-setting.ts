import { z } from 'zod';

/** What is ignored of the settings that a run brings with it: it is not valid, or its crew does not have it. */
export const ignoredSettingSchema = z.enum([
  'task_webhook_url_invalid',
  'step_webhook_url_invalid',
  'crew_webhook_url_invalid',
  'human_input_webhook_url_invalid',
  'channel_invalid',
  'channel_not_of_crew',
  'approvers_invalid',
  'approvers_not_of_crew',
  'requested_by_invalid',
]);
export type IgnoredSetting = z.infer<typeof ignoredSettingSchema>;
