import { isIP } from 'node:net';
import { z } from 'zod';
import { isEmail } from '../approval/model/crew/slack-ids.ts';
import { parseDuration } from '../lib/duration.ts';
import { isObject } from '../lib/own-member.ts';
import { parseUrl } from '../lib/parse-url.ts';
import { readReceiptKey } from '../lib/receipt-key.ts';

// Each schema reads a value from YAML. All but `webhookUrls` and `inputs` also read the text of an environment variable.

const CHANNEL = /^([CGD][A-Z0-9]{2,}|#[^\s#,]{1,80})$/;
const CHANNEL_OR_USER = /^([CGDUW][A-Z0-9]{2,}|#[^\s#,]{1,80})$/;
const APPROVER = /^[USW][A-Z0-9]{1,30}$/;
const CALLBACK_HOST = /^(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/i;
const ANSWER_HOST = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/i;
const INVALID_ANSWER_HOST = 'must be exact host names, such as hooks.example.com or n8n.internal:5678';
const INVALID_HOST = 'must be host names, such as *.crewai.com or flows.example.com:8443';
const INVALID_IDS = 'must be a list of user ids (U…) and group ids (S…)';
const INVALID_NOTIFY =
  'must be one word (approvers, here, dm or none) or a list of user ids (U…) and group ids (S…)';
const INVALID_DURATION =
  'must be a time with its unit, up to 10 years, such as "90 s", "10 min", "4h", "2 days" or "1 year"';
/** The fault of `channel: #press`: YAML reads null, because `#` begins a comment. */
export const EMPTY_IN_YAML = 'is empty: a value that begins with # must be in quotes';
const NOTIFY_WORDS = ['approvers', 'here', 'dm', 'none'] as const;

export const text = z
  .string({
    error: ({ input }) => {
      if (input === undefined) return 'is missing';
      if (input === null) return EMPTY_IN_YAML;
      return isObject(input) || Array.isArray(input)
        ? 'must be a string'
        : 'must be a string: put it in quotes';
    },
  })
  .min(1, 'is empty');
export const textUpTo = (maxLength: number) =>
  text.max(maxLength, `is longer than ${maxLength.toLocaleString('en-US')} characters`);
/** A text that cannot be read as an approval, whatever follows. */
export const UNAMBIGUOUS_REJECTION =
  'This output is not accepted. Revise it according to the following feedback, and ask for review again:';

/** A header transmits only these characters unchanged. */
export const printable = text.regex(/^[\x21-\x7e]*$/, 'must be printable ASCII without spaces');
export const secret = printable.min(16, 'must have at least 16 characters');
export const crewName = text.regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be up to 64 letters, digits, - or _');
export const channel = text.regex(CHANNEL, 'must be a channel id such as C0123456789, or a #name');
export const channelOrUser = text.regex(
  CHANNEL_OR_USER,
  'must be a channel id, a #name, or the user id of an approver (for a direct message)',
);

/** Address that the server can listen on. Names of containers can have an underscore. */
export const host = text.refine(
  (address) => isIP(address) !== 0 || /^[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?\.?$/i.test(address),
  'must be an IP address or a host name, such as 127.0.0.1, without port or brackets: set the port as PORT',
);

export const httpUrl = text.refine(isHttpUrl, 'must be an http:// or https:// URL');
export const eventsUrl = httpUrl.refine(
  (url) => parseUrl(url) !== undefined && new URL(url).username === '' && new URL(url).password === '',
  'must be a URL without user name or password',
);
/** A signing secret as Standard Webhooks defines it. */
export const signingSecret = text.refine(
  isSigningSecret,
  'must be whsec_ and the base64 of 24 to 64 bytes, for example from: echo "whsec_$(openssl rand -base64 32)"',
);
export const INVALID_BASE_URL = 'must be an http:// or https:// URL without ? or #';
export const baseUrl = text.refine(isBaseUrl, INVALID_BASE_URL);
/** The path of a SQLite store may hold any character. */
export const storeUrl = text
  .regex(/^(sqlite|rediss?|postgres(ql)?):\/\/.+/, 'must begin with sqlite://, redis:// or postgres://')
  .refine(
    (url) => !/^(?:redis|postgres)/.test(url) || hasWholePassword(url),
    'must be a URL: percent-encode special characters of its password, such as / as %2F',
  );
export const webhookUrls = z.strictObject(
  {
    task: httpUrl.optional(),
    step: z
      .union([z.literal('own'), httpUrl], { error: 'must be an http:// or https:// URL, or own' })
      .optional(),
    crew: httpUrl.optional(),
  },
  { error: 'must map task, step or crew to a URL' },
);

export const flag = z.preprocess(
  (value) => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean({ error: 'must be true or false' }),
);

export function oneOf<const T extends string>(...words: T[]) {
  const wordList = new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(words);
  return z.enum(words, { error: `must be ${wordList}` });
}

export function wholeNumber(smallest: number, largest: number) {
  const error = `must be a whole number from ${smallest} to ${largest}`;
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
    z.int({ error }).min(smallest, error).max(largest, error),
  );
}

/** A list. In a text, commas separate the entries. */
export function list<T extends z.ZodType>(entry: T, error: string, least = 0) {
  return z.preprocess(splitList, z.array(entry, { error }).min(least, error));
}

/** Splits a text at its commas. A text without an entry is a mistake and not an empty list, so it stays as it is. */
function splitList(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const entries = value.split(',').map((entry) => entry.trim());
  return entries.some(Boolean) ? entries.filter(Boolean) : value;
}

const LONGEST_QUOTED = 24;
const SLACK_TOKEN = /xox[a-z]-|xox[a-z]\.|xapp-/i;
const NOT_SHOWN = 'has a value that is not shown here';

const IS_EMAIL =
  'which is an e-mail address. Use the member ID (in Slack: profile → Copy member ID); `init` looks addresses up for you';

/** The id of a user or user group. An error quotes the beginning of a wrong value, except Slack tokens. */
const approver = (why: string) =>
  text.regex(APPROVER, {
    error: ({ input }) => `${quoteWrong(String(input))}, ${isEmail(String(input)) ? IS_EMAIL : why}`,
  });

function quoteWrong(value: string): string {
  if (SLACK_TOKEN.test(value)) return NOT_SHOWN;
  const beginning = value.length > LONGEST_QUOTED ? `${value.slice(0, LONGEST_QUOTED)}…` : value;
  return `has ${JSON.stringify(beginning)}`;
}

/** Hides the quoted part of an error if it comes from one of these values, which can be secrets. */
export function hideQuoted(fault: string, values: readonly string[]): string {
  return fault.replace(/\bhas ("(?:[^"\\]|\\.)*")/, (quotation, quoted: string) => {
    const beginning = String(JSON.parse(quoted)).replace(/…$/, '');
    return values.some((value) => value.includes(beginning)) ? NOT_SHOWN : quotation;
  });
}

export const approvers = list(
  approver('which is not the id of a Slack user (U…) or user group (S…)'),
  INVALID_IDS,
);
export const notify = z.preprocess(
  (value) => (NOTIFY_WORDS.some((word) => word === value) ? value : splitList(value)),
  z.union([z.enum(NOTIFY_WORDS), z.array(approver(`but ${INVALID_NOTIFY}`)).min(1, 'names nobody')], {
    error: INVALID_NOTIFY,
  }),
);
export const answerHosts = list(text.regex(ANSWER_HOST, INVALID_ANSWER_HOST), INVALID_ANSWER_HOST);
export const callbackHosts = list(text.regex(CALLBACK_HOST, INVALID_HOST), INVALID_HOST, 1);

/** A time or zero (0 or "0 s"), in milliseconds. */
export const durationOrNone = z
  .union([z.literal(0), z.string()], { error: INVALID_DURATION })
  .transform((value, context) => {
    const milliseconds = value === 0 || value === '0' ? 0 : parseDuration(value);
    if (milliseconds === undefined) context.addIssue(INVALID_DURATION);
    return milliseconds ?? z.NEVER;
  });
/** A time longer than zero, in milliseconds. */
export const duration = durationOrNone.refine((milliseconds) => milliseconds > 0, INVALID_DURATION);

const [SHORTEST_RECEIPT, LONGEST_RECEIPT] = [60_000, 7 * 24 * 60 * 60_000];
/** How long a receipt holds, in milliseconds. */
export const receiptTime = duration.refine(
  (milliseconds) => milliseconds >= SHORTEST_RECEIPT && milliseconds <= LONGEST_RECEIPT,
  'must be from 1 minute to 7 days',
);
/** An Ed25519 private key: a file, or PEM on one line. */
export const receiptKey = text.transform((value, context) => {
  try {
    return readReceiptKey(value);
  } catch (error) {
    context.addIssue(error instanceof Error ? error.message : 'cannot be read');
    return z.NEVER;
  }
});

const notBlank = text.regex(/\S/, 'is blank');
/** An input in the form that starts a run. */
const input = z
  .strictObject(
    {
      label: notBlank.max(150, 'is longer than 150 characters').optional(),
      default: z
        .string({ error: 'must be a string' })
        .max(3_000, 'is longer than 3,000 characters')
        .optional(),
      choices: z
        .array(notBlank.max(75, 'is longer than 75 characters'), { error: 'must be a list of strings' })
        .min(1, 'must have at least one choice')
        .max(100, 'has more than 100 entries')
        .optional(),
      multiline: flag.optional(),
      hidden: z
        .union([z.string(), z.number(), z.boolean()], { error: 'must be a string, a number, true or false' })
        .optional(),
    },
    { error: 'must be settings of an input, such as its label' },
  )
  .refine(({ default: preset, choices }) => preset === undefined || !choices || choices.includes(preset), {
    error: 'has a default that is not one of its choices',
  });
export const inputs = z.preprocess(
  // z.record drops an input named `__proto__`.
  (value) => (isObject(value) ? new Map(Object.entries(value)) : value),
  z
    .map(z.string(), input, { error: 'must map the name of each input to its settings' })
    .transform((settings) => Object.fromEntries(settings)),
);

/** True if paths can be appended to the URL. */
export function isBaseUrl(url: string): boolean {
  return isHttpUrl(url) && !/[?#]/.test(url);
}

/** True if the whole password is before the host. An `@` after the host means that a `/` or `#` cut the password. */
function hasWholePassword(url: string): boolean {
  if (!parseUrl(url)) return false;
  const { pathname, hash } = new URL(url);
  return !`${pathname}${hash}`.includes('@');
}

function isSigningSecret(value: string): boolean {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(value) ?? [];
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length >= 24 && bytes.length <= 64 && bytes.toString('base64') === base64;
}

function isHttpUrl(url: string): boolean {
  return parseUrl(url) !== undefined && /^https?:$/.test(new URL(url).protocol);
}
