import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { type Config, type CrewConfig, type SettingFault, SettingsError } from './config.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The `.env` file of a folder, under the environment: what is set there, and not empty, wins. */
export function readEnvironment(environment: Environment, envFile = '.env'): Environment {
  const file = existsSync(envFile) ? parseEnv(readFileSync(envFile, 'utf8')) : {};
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  return { ...file, ...set };
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
const SHORTEST_SECRET = 16;
/** What a header carries as it is. */
const PRINTABLE = /^[\x21-\x7e]+$/;

/** Reads the settings. Throws a SettingsError that names every wrong one and what it wants. */
export function loadConfig(environment: Environment): Config {
  const faults: SettingFault[] = [];

  /** An empty setting is one that is not set: `.env` files leave them so. */
  const get = (setting: string) => environment[setting]?.trim() || undefined;
  const fault = (setting: string, text: string) => {
    faults.push({ setting, fault: text });
    return '';
  };
  const required = (setting: string, what: string) => get(setting) ?? fault(setting, `is missing: ${what}`);
  const httpUrl = (setting: string, value: string | undefined) => {
    if (value && !/^https?:$/.test(URL.canParse(value) ? new URL(value).protocol : '')) {
      fault(setting, 'must be an http:// or https:// URL');
    }
    return value;
  };
  const oneOf = (setting: string, value: string, good: RegExp, what: string) => {
    if (value && !good.test(value)) fault(setting, `must be ${what}`);
    return value;
  };

  const slack = {
    botToken: oneOf(
      'SLACK_BOT_TOKEN',
      required('SLACK_BOT_TOKEN', 'the bot token of the Slack app (xoxb-…)'),
      /^xoxb-\S+$/,
      "the Slack app's bot token, which begins with xoxb-",
    ),
    signingSecret: required('SLACK_SIGNING_SECRET', "the Slack app's signing secret (Basic Information)"),
  };
  const apiUrl = httpUrl('SLACK_API_URL', get('SLACK_API_URL'));

  const name = oneOf(
    'CREW_NAME',
    get('CREW_NAME') ?? 'crew',
    /^[A-Za-z0-9_-]{1,64}$/,
    'up to 64 letters, digits, - or _',
  );
  const baseUrl = required(
    'CREWAI_BASE_URL',
    "the deployed crew's URL, such as https://your-crew.crewai.com",
  );
  httpUrl('CREWAI_BASE_URL', baseUrl);
  const channel = oneOf(
    'APPROVAL_CHANNEL',
    required('APPROVAL_CHANNEL', 'the channel of the cards, as an id (C0123456789) or #name'),
    /^([CGD][A-Z0-9]{2,}|#[^\s#,]{1,80})$/,
    'a channel id such as C0123456789, or a #name',
  );
  const approvers = (get('APPROVERS') ?? '')
    .split(',')
    .map((id) => id.trim())
    .filter(Boolean);
  for (const id of approvers) {
    if (!/^[USW][A-Z0-9]{1,30}$/.test(id))
      fault('APPROVERS', `has "${id}", which is no id of a Slack user (U…) or user group (S…)`);
  }
  const webhookSecret = required(
    'WEBHOOK_SECRET',
    `a secret of at least ${SHORTEST_SECRET} characters that CrewAI's webhooks carry`,
  );
  if (webhookSecret && webhookSecret.length < SHORTEST_SECRET) {
    fault('WEBHOOK_SECRET', `must have at least ${SHORTEST_SECRET} characters`);
  }
  oneOf('WEBHOOK_SECRET', webhookSecret, PRINTABLE, 'printable ASCII without spaces');
  const crew: CrewConfig = {
    name,
    baseUrl,
    bearerToken: oneOf(
      'CREWAI_BEARER_TOKEN',
      required('CREWAI_BEARER_TOKEN', "the deployed crew's bearer token"),
      PRINTABLE,
      'printable ASCII without spaces',
    ),
    channel,
    channels: [channel],
    approvers,
    webhookSecret,
    approvalText: get('APPROVAL_TEXT') ?? 'Approved.',
  };

  const publicUrl = httpUrl('PUBLIC_URL', get('PUBLIC_URL'));
  const storeUrl = oneOf(
    'STORE_URL',
    get('STORE_URL') ?? 'sqlite://data/approvals.db',
    /^sqlite:\/\/.+/,
    'sqlite:// and a path',
  );
  const port = Number(get('PORT') ?? 3000);
  if (!/^\d+$/.test(get('PORT') ?? '3000') || port > 65_535)
    fault('PORT', 'must be a number from 0 to 65535');
  const logLevel = get('LOG_LEVEL') ?? 'info';
  if (!LOG_LEVELS.includes(logLevel)) fault('LOG_LEVEL', `must be one of ${LOG_LEVELS.join(', ')}`);

  if (faults.length > 0) throw new SettingsError(faults);
  return {
    slack: { ...slack, ...(apiUrl ? { apiUrl } : {}) },
    crews: [crew],
    ...(publicUrl ? { publicUrl } : {}),
    storeUrl,
    host: get('HOST') ?? '0.0.0.0',
    port,
    logLevel,
  };
}
