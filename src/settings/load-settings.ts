import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { summarizeError } from '../lib/errors.ts';
import {
  CREW_FIELDS,
  CREW_NAME,
  crewSchema,
  INVALID_BASE_URL,
  INVALID_CREW_NAME,
  isBaseUrl,
  isChannel,
  listMissing,
  takesReviews,
} from './crew-schema.ts';
import { buildCrewSettings, listFaults, readCrews } from './crews-file.ts';
import type { Environment } from './environment.ts';
import { type CrewSettings, type SettingFault, type Settings, SettingsError } from './settings.ts';
import { findCrewFields, findUnknownSettings, listUsedNames, SETTINGS } from './unknown-settings.ts';

/** Reads the `.env` file; variables of the environment that are not empty win. */
export function readEnvironment(environment: Environment, envFile = '.env'): Environment {
  const file = existsSync(envFile) ? parseEnv(readText('.env', envFile)) : {};
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  return { ...file, ...set };
}

/** Placeholders of .env.example; crew-schema.ts rejects its secret. */
export const PLACEHOLDERS: Readonly<Record<string, string>> = {
  SLACK_BOT_TOKEN: 'xoxb-your-bot-token',
  SLACK_APP_TOKEN: 'xapp-your-app-token',
  CREWAI_BASE_URL: 'https://your-crew.crewai.com',
  CREWAI_BEARER_TOKEN: 'your-crew-token',
};

const NOTIFY_RULES = ['approvers', 'here', 'dm', 'none'];
/** Images and units set these: what is left to configure is still everything. */
const SET_BY_IMAGES = new Set<string>(['STORE_URL', 'HOST', 'PORT', 'LOG_LEVEL']);
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** The settings of the one crew, by their names in a crews file. */
const ONE_CREW: Readonly<Record<string, { setting: string; what: string }>> = {
  base_url: {
    setting: 'CREWAI_BASE_URL',
    what: "the deployed crew's URL, such as https://your-crew.crewai.com",
  },
  bearer_token: { setting: 'CREWAI_BEARER_TOKEN', what: "the deployed crew's bearer token" },
  channel: {
    setting: 'APPROVAL_CHANNEL',
    what: 'the channel of the cards, as an id (C0123456789) or a #name (quoted in .env, where # begins a comment)',
  },
  approvers: { setting: 'APPROVERS', what: '' },
  starters: { setting: 'STARTERS', what: '' },
  webhook_secret: {
    setting: 'WEBHOOK_SECRET',
    what: "a secret of at least 16 characters that CrewAI's webhooks carry",
  },
  flow_webhook_secrets: { setting: 'FLOW_WEBHOOK_SECRETS', what: '' },
  callback_hosts: { setting: 'CALLBACK_HOSTS', what: '' },
  approval_text: { setting: 'APPROVAL_TEXT', what: '' },
  revision_text: { setting: 'REVISION_TEXT', what: '' },
  resume_format: { setting: 'RESUME_FORMAT', what: '' },
  silent_after: { setting: 'SILENT_AFTER', what: '' },
  notify: { setting: 'NOTIFY', what: '' },
  rounds: { setting: 'ROUNDS', what: '' },
  look_ups: { setting: 'LOOK_UPS', what: '' },
  retention: { setting: 'RETENTION', what: '' },
  webhooks_per_second: { setting: 'WEBHOOKS_PER_SECOND', what: '' },
};

const IN_CREWS_FILE_ONLY = CREW_FIELDS.filter(({ field }) => !(field in ONE_CREW));

/** Reads the settings. Throws a SettingsError that names every wrong one. */
export function loadSettings(environment: Environment): Settings {
  const faults: SettingFault[] = [];
  /** An empty setting counts as not set, as in `.env` files. Docker keeps the quotes of values. */
  const get = (setting: string) =>
    environment[setting]
      ?.trim()
      .replace(/^(["'])(.*)\1$/, '$2')
      .trim() || undefined;
  const check = (setting: string, good: boolean, fault: string) => {
    if (!good) faults.push({ setting, fault });
  };

  const crewsFile = get('CREWS_FILE');
  for (const [setting, example] of Object.entries(PLACEHOLDERS)) {
    const used = crewsFile === undefined || !setting.startsWith('CREWAI_');
    check(setting, !used || get(setting) !== example, 'still has the value of .env.example: replace it');
  }
  const slack = readSlack(get, check);
  const crews =
    crewsFile === undefined ? readOneCrew(get, check) : readCrewsFile(crewsFile, environment, get, check);

  const publicUrl = get('PUBLIC_URL');
  check('PUBLIC_URL', publicUrl === undefined || isBaseUrl(publicUrl), INVALID_BASE_URL);
  const opsChannel = get('OPS_CHANNEL');
  check(
    'OPS_CHANNEL',
    opsChannel === undefined || isChannel(opsChannel),
    'must be a channel id such as C0123456789, or a #name (quoted in .env)',
  );
  check(
    'NODE_TLS_REJECT_UNAUTHORIZED',
    get('NODE_TLS_REJECT_UNAUTHORIZED') !== '0',
    'disables certificate checks, so anyone could impersonate CrewAI and Slack; to trust your own authority set NODE_EXTRA_CA_CERTS',
  );
  const storeUrl = get('STORE_URL') ?? 'sqlite://data/approvals.db';
  check(
    'STORE_URL',
    /^(sqlite|rediss?|postgres(ql)?):\/\/.+/.test(storeUrl),
    'must begin with sqlite://, redis:// or postgres://',
  );
  const port = get('PORT') ?? '3000';
  check('PORT', /^\d+$/.test(port) && Number(port) <= 65_535, 'must be a number from 0 to 65535');
  const logLevel = get('LOG_LEVEL') ?? 'info';
  check('LOG_LEVEL', LOG_LEVELS.includes(logLevel), `must be one of ${LOG_LEVELS.join(', ')}`);

  if (faults.length > 0) {
    const nothingSet = SETTINGS.every((setting) => SET_BY_IMAGES.has(setting) || !get(setting));
    throw new SettingsError(faults, nothingSet);
  }
  const used = crewsFile === undefined ? undefined : listUsedNames(readText('CREWS_FILE', crewsFile));
  return {
    slack,
    crews,
    ...(publicUrl ? { publicUrl } : {}),
    ...(opsChannel ? { opsChannel } : {}),
    storeUrl,
    host: get('HOST') ?? '0.0.0.0',
    port: Number(port),
    logLevel,
    unknownSettings: [
      ...findCrewFields(environment, IN_CREWS_FILE_ONLY, used),
      ...findUnknownSettings(environment, used),
    ],
  };
}

type Get = (setting: string) => string | undefined;
type CheckSetting = (setting: string, good: boolean, fault: string) => void;

function readSlack(get: Get, check: CheckSetting): Settings['slack'] {
  const botToken = get('SLACK_BOT_TOKEN');
  const appToken = get('SLACK_APP_TOKEN');
  const signingSecret = get('SLACK_SIGNING_SECRET');
  const apiUrl = get('SLACK_API_URL');
  const command = get('SLACK_COMMAND') ?? '/approvals';
  check('SLACK_COMMAND', /^\/[a-z0-9_-]{1,31}$/.test(command), 'must be a slash command such as /approvals');
  check('SLACK_BOT_TOKEN', botToken !== undefined, 'is missing: the bot token of the Slack app (xoxb-…)');
  check(
    'SLACK_BOT_TOKEN',
    !botToken || /^xoxb-\S+$/.test(botToken),
    "must be the Slack app's bot token, which begins with xoxb-",
  );
  check(
    'SLACK_APP_TOKEN',
    !appToken || /^xapp-\S+$/.test(appToken),
    'must be an app-level token, which begins with xapp-',
  );
  check(
    'SLACK_SIGNING_SECRET',
    appToken !== undefined || signingSecret !== undefined,
    "is missing: the Slack app's signing secret (Basic Information); or set SLACK_APP_TOKEN for Socket Mode",
  );
  check('SLACK_API_URL', !apiUrl || isHttpUrl(apiUrl), 'must be an http:// or https:// URL');
  return {
    botToken: botToken ?? '',
    command,
    ...(appToken ? { appToken } : {}),
    ...(signingSecret ? { signingSecret } : {}),
    ...(apiUrl ? { apiUrl } : {}),
  };
}

function readOneCrew(get: Get, check: CheckSetting): CrewSettings[] {
  const name = get('CREW_NAME') ?? 'crew';
  check('CREW_NAME', CREW_NAME.test(name), INVALID_CREW_NAME);
  check(
    'APPROVERS',
    !get('APPROVERS') || /[^\s,]/.test(get('APPROVERS') ?? ''),
    'names nobody: leave it empty, or list users and groups',
  );
  const fields = oneCrewFields(get);
  const isFlow = takesReviews(fields);
  for (const field of listMissing(fields, isFlow)) {
    const { setting, what } = ONE_CREW[field] as { setting: string; what: string };
    check(setting, false, `is missing: ${what}`);
  }
  const parsed = crewSchema.safeParse(fields);
  if (parsed.success) return [buildCrewSettings(name, parsed.data, isFlow)];
  for (const { path, text } of listFaults(parsed.error)) {
    const { setting, what } = ONE_CREW[String(path[0])] ?? { setting: String(path[0]), what: '' };
    check(setting, false, text === 'is missing' && what ? `is missing: ${what}` : text);
  }
  return [];
}

function readCrewsFile(
  path: string,
  environment: Environment,
  get: Get,
  check: CheckSetting,
): CrewSettings[] {
  const { base_url: _, bearer_token: __, ...shared } = oneCrewFields(get);
  const { crews, faults } = readCrews(readText('CREWS_FILE', path), environment, shared);
  for (const fault of faults) check('CREWS_FILE', false, `(${path}) ${fault}`);
  return crews;
}

/** The settings of the one crew that are set, by their names in a crews file. */
function oneCrewFields(get: Get): Record<string, unknown> {
  const fields = Object.entries(ONE_CREW).map(([field, { setting }]) => [field, get(setting)]);
  const set: Record<string, unknown> = Object.fromEntries(fields.filter(([, value]) => value !== undefined));
  for (const field of ['approvers', 'starters', 'flow_webhook_secrets', 'callback_hosts'])
    if (typeof set[field] === 'string') set[field] = splitList(set[field]);
  if (typeof set.notify === 'string' && !NOTIFY_RULES.includes(set.notify))
    set.notify = splitList(set.notify);
  return set;
}

function splitList(text: string | undefined): string[] | undefined {
  return text
    ?.split(',')
    .map((one) => one.trim())
    .filter(Boolean);
}

function readText(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new SettingsError([{ setting, fault: `cannot be read from ${path} (${summarizeError(error)})` }]);
  }
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
