import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { parse } from 'yaml';
import { summarizeError } from '../lib/errors.ts';
import { type LookUpVariable, readCrews, replaceVariables } from './crews-file.ts';
import { findMisspelled, findOverridden } from './ineffective.ts';
import { type FieldFault, readCrew, readValues } from './read-crew.ts';
import {
  type Environment,
  type GivenValues,
  type SettingFault,
  type Settings,
  SettingsError,
} from './settings.ts';
import {
  ALL_SETTINGS,
  BOT_SETTINGS,
  type BotValues,
  CREW_SETTINGS,
  getExample,
  SLACK_SETTINGS,
  type SlackValues,
} from './table.ts';
import { hideQuoted } from './values.ts';

const NO_SIGNING_SECRET =
  "is missing: the Slack app's signing secret (Basic Information); or set SLACK_APP_TOKEN for Socket Mode";
const CHECKS_DISABLED =
  'disables certificate checks, so anyone could impersonate CrewAI and Slack; to trust your own authority set NODE_EXTRA_CA_CERTS';
const ENV_LINE = /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=(?:[ \t]*(["'`])[\s\S]*?\2.*|(.*))$/gm;
/**
 * Matches an unquoted value that would be cut at its first `#`, where a `.env` file begins a comment. After a space, the comment
 * is intended, except in a list (`#a, #b`).
 */
const CUT_VALUE = /^[^#]*(?:(?<!\s)|,\s+)#/;

/**
 * Reads the `.env` file. Environment variables that are not empty take precedence. Throws a SettingsError with the lines of the
 * file that would be cut or ignored.
 */
export function readEnvironment(environment: Environment, envFile = '.env'): Environment {
  const text = existsSync(envFile) ? readFileText('.env', envFile) : '';
  const faults = findEnvFileFaults(text);
  if (faults.length > 0) throw new SettingsError(faults);
  const set = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => readVariableText(value) !== ''),
  );
  return { ...parseEnv(text), ...set };
}

/** Finds the lines of a `.env` file whose value would be lost or cut silently. */
function findEnvFileFaults(text: string): SettingFault[] {
  const faults: SettingFault[] = [];
  const firstLines = new Map<string, number>();
  for (const { 0: statement, 1: setting = '', 3: unquoted, index } of text.matchAll(ENV_LINE)) {
    const line = text.slice(0, index).split('\n').length;
    const fault = (why: string) => faults.push({ setting, fault: `(line ${line} of .env) ${why}` });
    if (unquoted !== undefined && CUT_VALUE.test(unquoted))
      fault('would be cut at its #: put the value in quotes');
    const firstLine = firstLines.get(setting);
    if (firstLine !== undefined) fault(`is set twice, also on line ${firstLine}: remove one of them`);
    // The file may begin with a copy of .env.example: its examples can be set again.
    else if (!isExample(setting, parseEnv(statement)[setting])) firstLines.set(setting, line);
  }
  return faults;
}

function isExample(variable: string, value = ''): boolean {
  const setting = ALL_SETTINGS.find((candidate) => candidate.variable === variable);
  return value.trim() === '' || (setting !== undefined && value === getExample(setting));
}

/** Reads the settings. Throws a SettingsError with every wrong setting. */
export function loadSettings(environment: Environment): Settings {
  const fieldFaults: FieldFault[] = [];
  const used = new Set<string>();
  const lookUp = (name: string) => {
    used.add(name);
    return environment[name];
  };
  const givenValues = readVariables(environment, lookUp, fieldFaults);
  const slack = readValues(SLACK_SETTINGS, givenValues, fieldFaults, {}) as SlackValues;
  const bot = readValues(BOT_SETTINGS, givenValues, fieldFaults, {}) as BotValues;
  if (!('appToken' in slack || 'signingSecret' in slack))
    fieldFaults.push({ path: ['slack_signing_secret'], text: NO_SIGNING_SECRET });

  if ('receiptKey' in bot && !('receiptIssuer' in bot || 'publicUrl' in bot))
    fieldFaults.push({ path: ['receipt_key'], text: 'needs receipt_issuer or public_url' });

  const { crewsFile, crewName, ...botSettings } = bot;
  const file =
    crewsFile === undefined
      ? undefined
      : readCrewsFile(crewsFile, { lookUp, given: givenValues }, fieldFaults);
  const singleCrew = file ? undefined : readCrew(crewName, givenValues);
  fieldFaults.push(...(singleCrew?.faults ?? []));
  const orderOf = ({ path: [field] }: FieldFault) =>
    ALL_SETTINGS.findIndex((setting) => setting.field === field);
  const inOrder = fieldFaults.sort((a, b) => orderOf(a) - orderOf(b)).map(nameVariable);
  const faults = [...inOrder, ...(file?.faults ?? [])];
  if (environment.NODE_TLS_REJECT_UNAUTHORIZED?.trim() === '0')
    faults.push({ setting: 'NODE_TLS_REJECT_UNAUTHORIZED', fault: CHECKS_DISABLED });
  const values = [...used].flatMap((name) => environment[name] ?? []);
  for (const settingFault of faults) settingFault.fault = hideQuoted(settingFault.fault, values);

  const misspelled = findMisspelled(environment, used);
  for (const { variable, meant } of misspelled)
    for (const settingFault of faults)
      if (settingFault.setting === meant && settingFault.fault.startsWith('is missing'))
        settingFault.fault += ` (${variable} is set: is it misspelled?)`;
  if (faults.length > 0) throw new SettingsError(faults, Object.keys(givenValues).every(isServerSetting));
  const overridden = file ? findOverridden(givenValues, used, file.crewValues) : [];
  const crews = file?.crews ?? (singleCrew?.crew ? [singleCrew.crew] : []);
  return {
    ...botSettings,
    slack,
    crews,
    ineffective: [...misspelled, ...overridden],
  };
}

/** Reads the settings from the environment. An empty variable counts as not set, as in `.env` files. */
function readVariables(environment: Environment, lookUp: LookUpVariable, faults: FieldFault[]): GivenValues {
  const values: Record<string, unknown> = {};
  for (const { variable, field, yaml } of ALL_SETTINGS) {
    const text = readVariableText(environment[variable]);
    if (text === '') continue;
    const fault = (inner: string[], text: string) => faults.push({ path: [field, ...inner], text });
    try {
      values[field] = yaml ? replaceVariables(parse(text, { logLevel: 'error' }), lookUp, fault) : text;
    } catch {
      values[field] = undefined;
      fault([], 'is not valid YAML');
    }
  }
  return values;
}

/** Returns the text of a variable; empty: not set. */
function readVariableText(value = ''): string {
  // Docker keeps the quotes of values.
  const unquoted = value.trim().replace(/^(["'])(.*)\1$/, '$2');
  return unquoted.trim();
}

function readCrewsFile(
  path: string,
  { lookUp, given }: { lookUp: LookUpVariable; given: GivenValues },
  fieldFaults: FieldFault[],
) {
  // Crews do not inherit a placeholder: a crew that needs the value gets the fault "is missing".
  const shared = CREW_SETTINGS.filter(
    ({ field, placeholder, singleCrewOnly }) => !singleCrewOnly && given[field] !== placeholder,
  );
  const values = readValues(shared, given, fieldFaults);
  try {
    const { faults, ...crewsFile } = readCrews(readFileText('CREWS_FILE', path), lookUp, values);
    return {
      ...crewsFile,
      faults: faults.map((fault) => ({ setting: 'CREWS_FILE', fault: `(${path}) ${fault}` })),
    };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return { crews: [], faults: [...error.faults], crewValues: [] };
  }
}

/** Converts a field's fault to its environment variable's. Other fields in the text also become the names of their variables. */
function nameVariable({ path: [field, ...inner], text }: FieldFault): SettingFault {
  const name = (word: string) => ALL_SETTINGS.find((setting) => setting.field === word)?.variable ?? word;
  const fault = inner.length > 0 ? `(${inner.join('.')}) ${text}` : text.replace(/\b[a-z]+_[a-z_]+\b/g, name);
  return { setting: name(String(field)), fault };
}

/** True if a setting only controls how the bot runs. Container images set such variables even if nobody configured the bot. */
function isServerSetting(fieldName: string): boolean {
  const setting = BOT_SETTINGS.find(({ field }) => field === fieldName);
  return setting !== undefined && setting.default !== undefined && !setting.singleCrewOnly;
}

function readFileText(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new SettingsError([{ setting, fault: `cannot be read from ${path} (${summarizeError(error)})` }]);
  }
}
