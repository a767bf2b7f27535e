import { z } from 'zod';
import { durationSchema } from './duration.ts';

const CHANNEL = /^([CGD][A-Z0-9]{2,}|#[^\s#,]{1,80})$/;
const APPROVER = /^[USW][A-Z0-9]{1,30}$/;
const SHORTEST_SECRET = 16;

const text = z
  .string({ error: (issue) => (issue.input === undefined ? 'is missing' : 'must be a text') })
  .min(1, 'is empty');
/** What a header carries as it is. */
const printable = text.regex(/^[\x21-\x7e]*$/, 'must be printable ASCII without spaces');
const channel = text.regex(CHANNEL, 'must be a channel id such as C0123456789, or a #name');
const httpUrl = text.refine(
  (url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol),
  'must be an http:// or https:// URL',
);
export const BASE_URL_WANTS = 'must be an http:// or https:// URL without ? or #';

/** A URL that paths are put behind. */
export function isBaseUrl(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) && !/[?#]/.test(url);
}
const approver = text.regex(APPROVER, {
  error: (issue) => `has "${String(issue.input)}", which is no id of a Slack user (U…) or user group (S…)`,
});

/** What a crew's settings want, whichever file or variable they stand in; the names are those of CREWS_FILE. */
export const crewSchema = z.strictObject({
  base_url: text.refine(isBaseUrl, BASE_URL_WANTS),
  bearer_token: printable,
  channel,
  channels: z.array(channel, { error: 'must be a list of channels' }).optional(),
  approvers: z.array(approver, { error: 'must be a list of ids' }).optional(),
  webhook_secret: printable.min(SHORTEST_SECRET, `must have at least ${SHORTEST_SECRET} characters`),
  webhook_urls: z
    .strictObject({
      task: httpUrl.optional(),
      step: z
        .union([z.literal('own'), httpUrl], { error: 'must be an http:// or https:// URL, or own' })
        .optional(),
      crew: httpUrl.optional(),
    })
    .optional(),
  resume_format: z.enum(['documented', 'camelcase'], { error: 'must be documented or camelcase' }).optional(),
  approve_tasks: z.array(text, { error: 'must be a list of patterns' }).optional(),
  approval_text: text.optional(),
  silent_after: durationSchema.optional(),
});

export const crewName = /^[A-Za-z0-9_-]{1,64}$/;
export const CREW_NAME_WANTS = 'must be up to 64 letters, digits, - or _';
