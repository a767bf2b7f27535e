import { z } from 'zod';

/** A setting of a run that the bot ignored: not valid, or not one of the crew's. */
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
