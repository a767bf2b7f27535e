import { z } from 'zod';
import { durationOrNoneSchema, durationSchema } from './duration.ts';

const CHANNEL = /^([CGD][A-Z0-9]{2,}|#[^\s#,]{1,80})$/;
const CHANNEL_OR_USER = /^([CGDUW][A-Z0-9]{2,}|#[^\s#,]{1,80})$/;
const APPROVER = /^[USW][A-Z0-9]{1,30}$/;
const SHORTEST_SECRET = 16;
/** The secret of .env.example: every reader of this repository knows it. */
const EXAMPLE_SECRET = 'change-me-to-a-long-random-text';

const text = z
  .string({ error: (issue) => (issue.input === undefined ? 'is missing' : 'must be a text') })
  .min(1, 'is empty');
/** A header carries only these characters unchanged. */
const printable = text.regex(/^[\x21-\x7e]*$/, 'must be printable ASCII without spaces');
const channel = text.regex(CHANNEL, 'must be a channel id such as C0123456789, or a #name');
const httpUrl = text.refine(
  (url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol),
  'must be an http:// or https:// URL',
);
export const isChannel = (given: string) => CHANNEL.test(given);
export const INVALID_BASE_URL = 'must be an http:// or https:// URL without ? or #';

/** Whether paths can be appended to a URL. */
export function isBaseUrl(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) && !/[?#]/.test(url);
}
const CALLBACK_HOST = /^(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/i;
const INVALID_CALLBACK_HOST = 'must be host names, such as *.crewai.com or flows.example.com:8443';

const approver = text.regex(APPROVER, {
  error: (issue) =>
    `has ${JSON.stringify(issue.input)}, which is not the id of a Slack user (U…) or user group (S…)`,
});

const INVALID_RATE = 'must be a whole number from 1 to 100000';
const approvers = z.array(approver, { error: 'must be a list of ids' });
const flag = z.boolean({ error: 'must be true or false' });

const INVALID_NOTIFY =
  'must be one word (approvers, here, dm or none) or a list of user ids (U…) and group ids (S…)';
const notified = text.regex(APPROVER, {
  error: (issue) => `has ${JSON.stringify(issue.input)}, but ${INVALID_NOTIFY}`,
});
const notify = z.union(
  [z.enum(['approvers', 'here', 'dm', 'none']), z.array(notified).min(1, 'names nobody')],
  { error: INVALID_NOTIFY },
);

/** Who can approve, and how many have to. */
const whoDecides = {
  approvers: approvers.optional(),
  approvals_required: z
    .int({ error: 'must be a whole number from 1 to 20' })
    .min(1, 'must be a whole number from 1 to 20')
    .max(20, 'must be a whole number from 1 to 20')
    .optional(),
  exclude_requester: flag.optional(),
  allow_guests: flag.optional(),
};

/** Who decides and by when, for a crew or for some of its tasks. */
const rules = {
  ...whoDecides,
  notify: notify.optional(),
  rounds: z.enum(['channel', 'thread'], { error: 'must be channel or thread' }).optional(),
  silent_after: durationSchema.optional(),
  undo_window: durationOrNoneSchema.optional(),
  remind_after: durationSchema.optional(),
  urgent: flag.optional(),
  escalate_after: durationSchema.optional(),
  escalate_to: approvers.min(1, 'names nobody').optional(),
  expire_after: durationSchema.optional(),
  on_expiry: z
    .enum(['keep', 'approve', 'request_revision', 'default'], {
      error: 'must be keep, approve, request_revision or default',
    })
    .optional(),
  expiry_text: text.max(3_000, 'is longer than 3,000 characters').optional(),
};

const taskRulesSchema = z.strictObject({
  match: text,
  channel: text
    .regex(
      CHANNEL_OR_USER,
      'must be a channel id, a #name, or the user id of an approver (for a direct message)',
    )
    .optional(),
  ...rules,
});
export type TaskRulesSettings = z.infer<typeof taskRulesSchema>;

const LONGEST_INPUT = 3_000;
/** How the form to start a run asks for an input. */
const inputSchema = z
  .strictObject({
    label: text.regex(/\S/, 'is blank').max(150, 'is longer than 150 characters').optional(),
    default: z
      .string({ error: 'must be a text' })
      .max(LONGEST_INPUT, 'is longer than 3,000 characters')
      .optional(),
    choices: z
      .array(text.regex(/\S/, 'is blank').max(75, 'is longer than 75 characters'), {
        error: 'must be a list of texts',
      })
      .min(1, 'names nothing')
      .max(100, 'has more than 100 entries')
      .optional(),
    multiline: flag.optional(),
    hidden: z
      .union([z.string(), z.number(), z.boolean()], { error: 'must be a text, a number, true or false' })
      .optional(),
  })
  .refine(({ default: preset, choices }) => preset === undefined || !choices || choices.includes(preset), {
    error: 'has a default that is not one of its choices',
  });

/** The settings of a crew, by their names in CREWS_FILE; also used for the environment. */
export const crewSchema = z.strictObject({
  base_url: text.refine(isBaseUrl, INVALID_BASE_URL).optional(),
  bearer_token: printable.optional(),
  channel,
  channels: z.array(channel, { error: 'must be a list of channels' }).optional(),
  ...rules,
  tasks: z.array(taskRulesSchema, { error: 'must be a list of settings, each with match' }).optional(),
  webhook_secret: printable
    .min(SHORTEST_SECRET, `must have at least ${SHORTEST_SECRET} characters`)
    .refine(
      (secret) => secret !== EXAMPLE_SECRET,
      'still has the value of .env.example: replace it, for example by `openssl rand -hex 24`',
    ),
  flow_webhook_secrets: z
    .array(printable.min(SHORTEST_SECRET, `must each have at least ${SHORTEST_SECRET} characters`), {
      error: 'must be a list of secrets',
    })
    .optional(),
  callback_hosts: z
    .array(text.regex(CALLBACK_HOST, INVALID_CALLBACK_HOST), { error: INVALID_CALLBACK_HOST })
    .min(1, INVALID_CALLBACK_HOST)
    .optional(),
  starters: approvers.optional(),
  inputs: z
    .preprocess(
      // z.record drops an input named `__proto__`.
      (value) =>
        value !== null && typeof value === 'object' && !Array.isArray(value)
          ? new Map(Object.entries(value))
          : value,
      z
        .map(z.string(), inputSchema, { error: 'must be settings by the names of inputs' })
        .transform((settings) => Object.fromEntries(settings)),
    )
    .optional(),
  webhook_urls: z
    .strictObject({
      task: httpUrl.optional(),
      step: z
        .union([z.literal('own'), httpUrl], { error: 'must be an http:// or https:// URL, or own' })
        .optional(),
      crew: httpUrl.optional(),
    })
    .optional(),
  preview: flag.optional(),
  look_ups: z.enum(['members', 'everyone'], { error: 'must be members or everyone' }).optional(),
  retention: durationSchema.optional(),
  webhooks_per_second: z.coerce
    .number({ error: INVALID_RATE })
    .int(INVALID_RATE)
    .min(1, INVALID_RATE)
    .max(100_000, INVALID_RATE)
    .optional(),
  resume_format: z
    .enum(['auto', 'documented', 'camelcase'], { error: 'must be auto, documented or camelcase' })
    .optional(),
  approve_tasks: z.array(text, { error: 'must be a list of patterns' }).optional(),
  approval_text: text.optional(),
  revision_text: text.max(500, 'is longer than 500 characters').optional(),
});

/** The fields of a crew, by their names in CREWS_FILE, and whether each says who can approve. */
export const CREW_FIELDS = Object.keys(crewSchema.shape).map((field) => ({
  field,
  decidesWho: field in whoDecides,
}));

/** Whether the settings that a crew has itself name secrets of Flow reviews. */
export function takesReviews({ flow_webhook_secrets: secrets }: Readonly<Record<string, unknown>>): boolean {
  return Array.isArray(secrets) && secrets.length > 0;
}

/** What a crew lacks, by its settings as they are given: a Flow that only asks for reviews needs no URL and no token. */
export function listMissing(
  given: Readonly<Record<string, unknown>>,
  isFlow: boolean,
): ('base_url' | 'bearer_token')[] {
  const missing = (['base_url', 'bearer_token'] as const).filter((field) => given[field] === undefined);
  return isFlow && missing.length === 2 ? [] : missing;
}

export const CREW_NAME = /^[A-Za-z0-9_-]{1,64}$/;
export const INVALID_CREW_NAME = 'must be up to 64 letters, digits, - or _';
