import { editDistance } from '../lib/edit-distance.ts';
import type { Environment } from './environment.ts';
import type { UnknownSetting } from './settings.ts';

/** Every setting that the bot reads from the environment. */
export const SETTINGS = [
  'SLACK_BOT_TOKEN',
  'SLACK_APP_TOKEN',
  'SLACK_SIGNING_SECRET',
  'SLACK_API_URL',
  'SLACK_COMMAND',
  'CREWAI_BASE_URL',
  'CREWAI_BEARER_TOKEN',
  'CREW_NAME',
  'CREWS_FILE',
  'APPROVAL_CHANNEL',
  'APPROVERS',
  'STARTERS',
  'APPROVAL_TEXT',
  'REVISION_TEXT',
  'RESUME_FORMAT',
  'WEBHOOK_SECRET',
  'FLOW_WEBHOOK_SECRETS',
  'CALLBACK_HOSTS',
  'WEBHOOKS_PER_SECOND',
  'PUBLIC_URL',
  'SILENT_AFTER',
  'LOOK_UPS',
  'NOTIFY',
  'ROUNDS',
  'RETENTION',
  'OPS_CHANNEL',
  'STORE_URL',
  'HOST',
  'PORT',
  'LOG_LEVEL',
] as const;

/** Prefixes that only our settings have. CrewAI has its own variables (CREWAI_STORAGE_DIR). */
const OUR_PREFIXES = /^(?:APPROVAL_|APPROVER)/;
/** A shorter name is similar to too many others (HOST, HOME). */
const SHORTEST_COMPARED = 6;
const MAX_TYPOS = 2;

/** Finds variables that are named as a field of a crew which has no effect in the environment. Pure. */
export function findCrewFields(
  environment: Environment,
  fields: readonly { field: string; decidesWho: boolean }[],
  used: ReadonlySet<string> = new Set(),
): UnknownSetting[] {
  return Object.entries(environment)
    .filter(([name, value]) => value?.trim() && !used.has(name))
    .flatMap(([name]) => {
      const found = fields.find(({ field }) => field.toUpperCase() === normalizeName(name));
      return found ? [{ name, ...found }] : [];
    });
}

/** Describes a variable that has no effect, and what to do. */
export function describeUnknownSetting(unknown: UnknownSetting): string {
  if ('meant' in unknown) return `is not a setting, so it has no effect: did you mean ${unknown.meant}?`;
  const without = unknown.decidesWho ? ', so approvals are decided without it' : '';
  return `has no effect in the environment${without}: set ${unknown.field} of the crew in the crews file (CREWS_FILE).`;
}

/** Finds misspelled settings. `used`: names that CREWS_FILE uses. Pure. */
export function findUnknownSettings(
  environment: Environment,
  used: ReadonlySet<string> = new Set(),
): Extract<UnknownSetting, { meant: string }>[] {
  const known = new Set<string>(SETTINGS);
  return Object.keys(environment)
    .filter((name) => !known.has(name) && !used.has(name))
    .flatMap((name) => {
      const given = normalizeName(name);
      const [nearest] = SETTINGS.map((setting) => ({ setting, typos: countTypos(given, setting) })).sort(
        (a, b) => a.typos - b.typos,
      );
      const near = nearest !== undefined && (nearest.typos <= MAX_TYPOS || OUR_PREFIXES.test(given));
      const meant = near ? nearest.setting : SETTINGS.find((setting) => isShortFor(given, setting));
      return meant === undefined ? [] : [{ name, meant }];
    });
}

function normalizeName(name: string): string {
  return name.toUpperCase().replace(/[-.]/g, '_');
}

/** Whether a name lacks words of a CREWAI_ setting, as in CREWAI_TOKEN. */
function isShortFor(given: string, setting: string): boolean {
  const [first, ...words] = given.split('_');
  const all = setting.split('_');
  return (
    first === 'CREWAI' && first === all[0] && words.length > 0 && words.every((word) => all.includes(word))
  );
}

function countTypos(given: string, setting: string): number {
  return setting.length < SHORTEST_COMPARED ? Number.POSITIVE_INFINITY : editDistance(given, setting);
}

/** The variables that a crews file uses (`$NAME`). */
export function listUsedNames(yaml: string): Set<string> {
  return new Set([...yaml.matchAll(/\$\{?([A-Za-z_]\w*)\}?/g)].map(([, name]) => name as string));
}
