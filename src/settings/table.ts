import { z } from 'zod';
import { LANGUAGES } from '../approval/model/crew/language.ts';
import * as value from './values.ts';

// The only list of settings: validation, defaults, docs/configuration.md and .env.example come from it.

interface Row {
  /** Name in the crews file, if not the variable in lower case. */
  field?: string;
  schema: z.ZodType;
  /** Default value, as in the crews file. */
  default?: unknown;
  required?: true;
  /** Errors, log lines and cards must not show the value. */
  secret?: true;
  /** The setting is in the first part of .env.example, which a first start needs. */
  firstDay?: true;
  /** Value in .env.example, which the bot rejects. */
  placeholder?: string;
  /** Value in .env.example, if not the default. */
  example?: string;
  /** The environment variable holds the value as YAML. */
  yaml?: true;
  /** The variable has no effect while CREWS_FILE is set. The other variables of a crew are defaults for the crews of the file. */
  singleCrewOnly?: true;
  /**
   * The setting controls who can decide or start runs, so a variable without effect is an error: a `rule` always, a `list` only
   * if it is misspelled.
   */
  restrictsPeople?: 'rule' | 'list';
  /**
   * For the documents: the setting has no effect without each of these. An entry is a variable, one of several (`A or B`), or a
   * value of one (`A=x`).
   */
  needs?: readonly string[];
  /** The only value of the setting for which `needs` holds. */
  neededBy?: string;
  /** The setting has no effect with this variable, or with this value of a variable. */
  notWith?: string;
  /** Markdown. The first sentence must suffice for an error and for .env.example. */
  doc: string;
}
type Rows = Readonly<Record<string, Row>>;

// biome-ignore format: a table
const SLACK = {
  SLACK_BOT_TOKEN: { schema: value.text.regex(/^xoxb-[\x21-\x7e]+$/, "must be the Slack app's bot token, which begins with xoxb- and is printable ASCII without spaces"), required: true, secret: true, firstDay: true, placeholder: 'xoxb-your-bot-token',
    doc: "the Slack app's bot token, `xoxb-…` (OAuth & Permissions)" },
  SLACK_APP_TOKEN: { schema: value.text.regex(/^xapp-[\x21-\x7e]+$/, 'must be an app-level token, which begins with xapp- and is printable ASCII without spaces'), secret: true, firstDay: true, placeholder: 'xapp-your-app-token',
    doc: 'the app-level token, `xapp-…` (Basic Information), which enables Socket Mode' },
  SLACK_SIGNING_SECRET: { schema: value.printable, secret: true, firstDay: true, notWith: 'SLACK_APP_TOKEN',
    doc: "the Slack app's signing secret (Basic Information), which HTTP mode requires" },
  SLACK_API_URL: { schema: value.httpUrl,
    doc: "base URL of Slack's Web API; empty: Slack's own" },
  SLACK_COMMAND: { schema: value.text.regex(/^\/[a-z0-9_-]{1,31}$/, 'must be a slash command such as /approvals'), default: '/approvals',
    doc: 'the slash command; if another app of the workspace uses this name, change it here and in the manifest' },
} as const satisfies Rows;

// biome-ignore format: a table
const BOT = {
  PUBLIC_URL: { schema: value.baseUrl, firstDay: true,
    doc: 'URL at which CrewAI reaches this bot; without it, the bot offers no webhook URLs of its own' },
  CREW_NAME: { schema: value.crewName, default: 'crew', singleCrewOnly: true,
    doc: 'name of the crew in this bot and in its webhook URLs: up to 64 letters, digits, `-` or `_`' },
  CREWS_FILE: { schema: value.text,
    doc: 'YAML file with several crews, such as crews.example.yml. It replaces `CREWAI_BASE_URL`, `CREWAI_BEARER_TOKEN` and `CREW_NAME`. See [Several crews](#several-crews)' },
  STORE_URL: { schema: value.storeUrl, default: 'sqlite://data/approvals.db',
    doc: 'the store: SQLite for one process, `redis://…` or `postgres://…` for several replicas. `sqlite:///var/lib/approvals.db` is an absolute path' },
  HOST: { schema: value.host, default: '0.0.0.0',
    doc: 'address of the HTTP server' },
  PORT: { schema: value.wholeNumber(0, 65_535), default: 3000,
    doc: 'port of the HTTP server' },
  LOG_LEVEL: { schema: value.oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'), default: 'info',
    doc: '`trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`' },
  RECEIPT_KEY: { schema: value.receiptKey, secret: true,
    doc: "Ed25519 private key (PKCS#8) that signs people's answers to programs: the name of a file, or PEM on one line with `\\n` between its lines. See [Receipts](receipts.md)" },
  RECEIPT_ISSUER: { schema: value.text, needs: ['RECEIPT_KEY'],
    doc: 'issuer that receipts name; empty: `PUBLIC_URL`' },
  OPS_CHANNEL: { schema: value.channel,
    doc: 'channel for problems that an operator has to fix. See [Alerts](operations.md#alerts)' },
} as const satisfies Rows;

/** Rules on who decides and by when, for a crew or for some of its tasks. */
// biome-ignore format: a table
const RULES = {
  APPROVERS: { schema: value.approvers, default: [], firstDay: true, restrictsPeople: 'list',
    doc: 'who can decide: IDs of users (`U…`) and user groups (`S…`); empty: anyone in the channel except guests and external users. The bot reads groups every minute' },
  APPROVALS_REQUIRED: { schema: value.wholeNumber(1, 20), default: 1, restrictsPeople: 'rule',
    doc: 'how many people have to approve, 1 to 20; one request for a revision is enough' },
  EXCLUDE_REQUESTER: { schema: value.flag, default: false, restrictsPeople: 'rule',
    doc: '`true`: the person who started the run cannot decide on it. This is `meta.requested_by`, a Slack ID or an email address' },
  ALLOW_GUESTS: { schema: value.flag, default: false, restrictsPeople: 'rule',
    doc: '`true`: guests and external users can decide. Otherwise only those that `approvers` or `escalate_to` name by their own ID' },
  NOTIFY: { schema: value.notify, default: 'approvers',
    doc: 'who is notified of a waiting card: `approvers`, `here`, `dm`, `none`, or IDs of users and user groups. See [Notifications](#notifications)' },
  ROUNDS: { schema: value.oneOf('channel', 'thread'), default: 'channel',
    doc: 'where a later round that is waiting is shown: `channel` (thread and channel) or `thread` (only there)' },
  UNDO_WINDOW: { schema: value.durationOrNone, default: '0 s', firstDay: true,
    doc: 'how long a decision waits and can be undone before it is sent, for example `30 s`' },
  REMIND_AFTER: { schema: value.duration,
    doc: 'when to post a reminder in the thread, for example `4h`; empty: never. Further reminders follow after twice that time, four times, and so on' },
  URGENT: { schema: value.flag, default: false, needs: ['REMIND_AFTER or FLOW_WEBHOOK_SECRETS'],
    doc: "`true`: reminders are also posted at night (20:00 to 8:00 in the person's time zone)" },
  ESCALATE_AFTER: { schema: value.duration,
    doc: 'when to escalate: further people are mentioned in the thread and can decide from then on. It requires `escalate_to`' },
  ESCALATE_TO: { schema: value.approvers, default: [],
    doc: 'IDs of the users and user groups to escalate to. It requires `escalate_after`' },
  EXPIRE_AFTER: { schema: value.duration,
    doc: 'deadline of a decision, for example `3 days`; empty: none' },
  ON_EXPIRY: { schema: value.oneOf('keep', 'approve', 'request_revision', 'default'), default: 'keep', needs: ['FLOW_WEBHOOK_SECRETS or ASK_SECRET'], neededBy: 'default',
    doc: 'what happens at the deadline: `keep`, `approve`, `request_revision` or `default`. The list below describes them. The card says that no person decided. All except `keep` need `EXPIRE_AFTER`' },
  EXPIRY_TEXT: { schema: value.textUpTo(3_000), needs: ['ON_EXPIRY=request_revision or ON_EXPIRY=approve'],
    doc: 'feedback of a revision that is requested at the deadline, or note of the approval; at most 3,000 characters' },
  EFFECT: { schema: value.oneOf('reversible', 'irreversible'), restrictsPeople: 'rule',
    doc: '`irreversible`: what an approval starts cannot be taken back. The card says so and more is needed to approve; empty: not known. See [What cannot be taken back](irreversible.md)' },
  SILENT_AFTER: { schema: value.duration, default: '10 min',
    doc: "how long to wait for a webhook of a run after CrewAI accepted a decision; then the thread says so and shows CrewAI's status of the run. This also applies after a start from Slack" },
} as const satisfies Rows;
export const RULE_SETTINGS = listRows(RULES);

/** Rules of some tasks that differ from the crew's rules. */
interface TaskSettings extends Partial<Values<typeof RULES>> {
  match: string;
  /** A channel, or the id of a user for a direct message. */
  channel?: string;
}
/** Converts the fields of rules to their names in the code. */
function nameRules<Rules>(rules: Record<string, unknown>): Rules {
  const entries = Object.entries(rules).map(([field, rule]) => [toCamelCase(field), rule]);
  return Object.fromEntries(entries) as Rules;
}
const taskSettings = z
  .strictObject(
    {
      match: value.text,
      channel: value.channelOrUser.optional(),
      ...Object.fromEntries(RULE_SETTINGS.map(({ field, schema }) => [field, schema.optional()])),
    },
    { error: 'must be settings with a match' },
  )
  .transform((rules) => nameRules<TaskSettings>(rules));

/** Rules for which the stricter of two values is defined. A deadline decides nothing here, and an escalation lets more people decide. */
const STRICTER_RULES = [
  ...[
    'approvers',
    'approvals_required',
    'exclude_requester',
    'allow_guests',
    'notify',
    'rounds',
    'undo_window',
  ],
  ...['remind_after', 'urgent', 'expire_after', 'silent_after'],
];
const irreversibleSettings = z
  .strictObject(
    Object.fromEntries(
      RULE_SETTINGS.filter(({ field }) => STRICTER_RULES.includes(field)).map(({ field, schema }) => [
        field,
        schema.optional(),
      ]),
    ),
    { error: 'must be settings' },
  )
  .transform((rules) => nameRules<Partial<Values<typeof RULES>>>(rules));

// biome-ignore format: a table
const CREW_TABLE = {
  CREWAI_BASE_URL: { field: 'base_url', schema: value.baseUrl, required: true, firstDay: true, singleCrewOnly: true, placeholder: 'https://your-crew.crewai.com',
    doc: 'URL of the deployed crew, such as `https://press-1a2b3c.crewai.com`; leave it and the next two empty if only programs ask (`ASK_SECRET`)' },
  CREWAI_BEARER_TOKEN: { field: 'bearer_token', schema: value.printable, required: true, secret: true, firstDay: true, singleCrewOnly: true, placeholder: 'your-crew-token',
    doc: 'bearer token of the deployed crew' },
  WEBHOOK_SECRET: { schema: value.secret, required: true, secret: true, firstDay: true, placeholder: 'change-me-to-a-long-random-text',
    doc: "secret that CrewAI's webhooks carry: at least 16 characters, for example from `openssl rand -hex 24`. Printable ASCII without spaces, and a different secret for each crew. See [Authentication](http-api.md#authentication)" },
  APPROVAL_CHANNEL: { field: 'channel', schema: value.channel, required: true, firstDay: true, example: '#approvals',
    doc: 'channel for the cards: a channel ID such as C0123456789, or a #name (in quotes, because `#` begins a comment)' },
  ...RULES,
  CHANNELS: { schema: value.list(value.channel, 'must be a list of channels'), default: [],
    doc: 'further channels that a run may choose by `meta.channel` or when it is registered' },
  APPROVE_TASKS: { schema: value.list(value.text, 'must be a list of patterns'), default: [], notWith: 'RESUME_FORMAT=camelcase',
    doc: 'which task webhooks open cards: `*` matches any characters, `?` one character, a leading `!` excludes; empty: all. Other tasks are noted in the thread of their run' },
  TASKS: { schema: z.array(taskSettings, { error: 'must be a list of settings, each with match' }), default: [], yaml: true,
    doc: 'rules for some tasks: a list of settings, each with a `match`. See [Rules for some tasks](#rules-for-some-tasks)' },
  IRREVERSIBLE_TOOLS: { schema: value.list(value.text, 'must be a list of patterns'), default: [], needs: ['ASK_SECRET'], restrictsPeople: 'list',
    doc: 'tools that are irreversible, by the names that programs and agents pass: `*` matches any characters, `?` one character, a leading `!` excludes. See [What cannot be taken back](irreversible.md)' },
  IRREVERSIBLE: { schema: irreversibleSettings, yaml: true, restrictsPeople: 'rule',
    doc: 'further rules for what is irreversible, for example `approvals_required: 2`; of each rule, the stricter one holds. See [What cannot be taken back](irreversible.md)' },
  STARTERS: { schema: value.approvers, default: [], restrictsPeople: 'list', needs: ['CREWAI_BASE_URL or ASK_SECRET', 'PUBLIC_URL or ASK_SECRET'],
    doc: 'who can start a crew from Slack: IDs of users and user groups; empty: anyone in the channel except guests and external users. See [Start a crew from Slack](starts.md)' },
  INPUTS: { schema: value.inputs, default: {}, yaml: true, needs: ['CREWAI_BASE_URL or ASK_SECRET', 'PUBLIC_URL or ASK_SECRET'],
    doc: 'how the form that starts a crew asks for its inputs. See [Start a crew from Slack](starts.md)' },
  APPROVAL_TEXT: { schema: value.text, default: 'Approved.', needs: ['CREWAI_BASE_URL'],
    doc: 'text that CrewAI receives with an approval: a short plain yes' },
  REVISION_TEXT: { schema: value.textUpTo(500), default: value.UNAMBIGUOUS_REJECTION, needs: ['CREWAI_BASE_URL'], notWith: 'RESUME_FORMAT=documented',
    doc: 'line before the feedback of a revision on the live dialect, so that no feedback can be read as a yes; at most 500 characters' },
  RESUME_FORMAT: { schema: value.oneOf('auto', 'documented', 'camelcase'), default: 'auto',
    doc: "dialect of the crew's API: `auto` (learned), `documented` or `camelcase` (live). See [The two dialects](#the-two-dialects-of-crewais-api)" },
  CREW_WEBHOOK_URLS: { field: 'webhook_urls', schema: value.webhookUrls, default: {}, yaml: true, needs: ['CREWAI_BASE_URL'],
    doc: '`task`, `step` and `crew`: URLs to send with each decision, unless the run has its own. `step: own` sends the bot\'s own step endpoint' },
  FLOW_WEBHOOK_SECRETS: { schema: value.list(value.printable.min(16, 'must each have at least 16 characters'), 'must be a list of secrets'), default: [], secret: true,
    doc: 'secrets of the review webhooks of Flows, at least 16 characters each. A crew with these needs no URL and no token if it accepts Flow reviews only. See [Flow reviews](flow-reviews.md)' },
  ASK_SECRET: { schema: value.secret, secret: true,
    doc: 'secret with which programs of this crew use the [questions API](ask.md); empty: the API is off. It has at least 16 characters and differs from `WEBHOOK_SECRET`. If only programs ask, the crew needs no URL, no token and no `WEBHOOK_SECRET`' },
  CALLBACK_HOSTS: { schema: value.callbackHosts, default: ['*.crewai.com'], needs: ['FLOW_WEBHOOK_SECRETS'],
    doc: 'hosts that the answers of Flow reviews may be sent to. `*.example.com` means https on port 443 of all hosts below it; `flows.example.com` or `flows.example.com:8443` also http and private addresses' },
  ANSWER_HOSTS: { schema: value.answerHosts, default: [], needs: ['ASK_SECRET'],
    doc: 'hosts to which answers may be sent that a question wants at its `callback_url`; empty: none. `hooks.example.com` means https on port 443 of this host; only `n8n.internal:5678`, with its port, allows http and private addresses. It needs `ANSWER_SECRET`. See [Receive answers by webhook](answers-by-webhook.md)' },
  ANSWER_SECRET: { schema: value.signingSecret, secret: true, needs: ['ANSWER_HOSTS'],
    doc: 'secret that these answers are signed with: `whsec_` and base64 of 24 to 64 bytes, as `EVENTS_SECRET`, and a different one from the other secrets' },
  WEBHOOKS_PER_SECOND: { schema: value.wholeNumber(1, 100_000),
    doc: 'rate limit per crew; excess webhooks get 429 with `Retry-After`; empty: unlimited' },
  LOOK_UPS: { schema: value.oneOf('members', 'everyone'), default: 'members',
    doc: "who can look up approvals: `members` (people in the crew's channels and its approvers) or `everyone`" },
  LANGUAGE: { schema: value.oneOf(...LANGUAGES), default: 'en', firstDay: true,
    doc: "language of messages about this crew: `en`, `pt-BR` or `es`. What only one person sees is in that person's language; see below" },
  EVENTS_URL: { schema: value.eventsUrl,
    doc: 'where [signed events](events.md) of this crew go: any http or https URL without a user name. It needs `EVENTS_SECRET`' },
  EVENTS_SECRET: { schema: value.signingSecret, secret: true,
    doc: 'secret that the events are signed with: `whsec_` and base64 of 24 to 64 bytes, for example from `echo "whsec_$(openssl rand -base64 32)"`' },
  EVENTS_TEXTS: { schema: value.flag, default: false, needs: ['EVENTS_URL'],
    doc: '`true`: the events carry outputs and feedback, too' },
  SHOW_STEPS: { schema: value.flag, default: false, needs: ['CREWAI_BASE_URL', 'PUBLIC_URL'],
    doc: '`true`: a card shows the last steps of the agent, folded below the output. The channel then sees what tools got and returned, each cut. The bot sends its own step URL with each start and decision' },
  ALLOW_TOOLS_FOR_RUN: { schema: value.list(value.text, 'must be a list of names of tools'), default: [], needs: ['ASK_SECRET'],
    doc: 'tools that people may allow for the rest of a run, by the exact names in their programs, for example `read_page, list_files`. Such a decision takes as many votes as any other and ends with the run. Its card lists each call that it allowed. See [Tool calls](tools.md)' },
  RECEIPT_FOR: { schema: value.receiptTime, default: '1 h', needs: ['RECEIPT_KEY'],
    doc: 'how long a receipt holds after its answer can be read, from 1 minute to 7 days. See [Receipts](receipts.md)' },
  PREVIEW: { schema: value.flag, default: false,
    doc: "`true`: lock screens of phones show the first 300 characters of the output (the `text` of a card's message). `false`: neither the `text` nor the first block contains any of it. A desktop notification may still show it: Slack does not document how many blocks it shows" },
  RETENTION: { schema: value.duration,
    doc: 'how long after an approval is settled the bot deletes it with its outputs, for example `90 days`; empty: never. See [Retention](operations.md#retention)' },
} as const satisfies Rows;

type CamelCase<Name extends string> = Name extends `${infer First}_${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name;
type NameOf<Variable extends string, R> = R extends { field: infer Field extends string }
  ? CamelCase<Field>
  : CamelCase<Lowercase<Variable extends `SLACK_${infer Rest}` ? Rest : Variable>>;
type IsAlwaysSet<R> = R extends { required: true } | { default: unknown } ? true : false;
/** Values of some settings by their names in the code. */
type Values<T extends Rows> = {
  [V in keyof T & string as IsAlwaysSet<T[V]> extends true ? NameOf<V, T[V]> : never]: z.output<
    T[V]['schema']
  >;
} & {
  [V in keyof T & string as IsAlwaysSet<T[V]> extends true ? never : NameOf<V, T[V]>]?: z.output<
    T[V]['schema']
  >;
};
export type SlackValues = Values<typeof SLACK>;
export type BotValues = Values<typeof BOT>;
export type CrewValues = Values<typeof CREW_TABLE>;

/** A setting with its names: in the environment, in the crews file (only settings of a crew) and in the code. */
export type Setting = Row & { variable: string; field: string; name: string };
export const SLACK_SETTINGS = listRows(SLACK);
export const BOT_SETTINGS = listRows(BOT);
export const CREW_SETTINGS = listRows(CREW_TABLE);
export const ALL_SETTINGS = [...SLACK_SETTINGS, ...BOT_SETTINGS, ...CREW_SETTINGS];

/** Returns the value of a setting in .env.example. */
export function getExample({ placeholder, example, yaml, default: preset = '' }: Setting): string {
  return placeholder ?? example ?? (yaml ? '' : String(preset));
}

/** Returns the first sentence about a setting. */
export function describeSetting({ doc }: Row): string {
  return doc.split('. ')[0] ?? doc;
}

function listRows(table: Rows): Setting[] {
  return Object.entries(table).map(([variable, row]) => {
    const { field = variable.toLowerCase() } = row;
    return { ...row, variable, field, name: toCamelCase(row.field ?? field.replace(/^slack_/, '')) };
  });
}

function toCamelCase(field: string): string {
  return field.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
