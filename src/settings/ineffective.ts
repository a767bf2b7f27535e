import { isDeepStrictEqual } from 'node:util';
import { findNearest } from '../lib/edit-distance.ts';
import type { CrewSettings, Environment, GivenValues, IneffectiveSetting } from './settings.ts';
import {
  ALL_SETTINGS,
  BOT_SETTINGS,
  CREW_SETTINGS,
  getExample,
  RULE_SETTINGS,
  type Setting,
  SLACK_SETTINGS,
} from './table.ts';

/** Prefixes that only our settings have. CrewAI has its own variables (CREWAI_STORAGE_DIR). */
const OUR_PREFIXES = /^(?:APPROVAL_|APPROVER)/;
/** A shorter variable is similar to too many others (HOST, HOME). */
const SHORTEST_COMPARED = 6;
const MOST_TYPOS = 2;
/** Two typos make another word of a shorter name (INPUTS, INPUTRC). */
const SHORTEST_WITH_TWO_TYPOS = 8;

type Spelling = readonly [name: string, setting: Setting];

/** Finds misspelled variables. `used`: names whose values other settings use. */
export function findMisspelled(
  environment: Environment,
  used: ReadonlySet<string>,
): (IneffectiveSetting & { meant: string })[] {
  const known = new Set(ALL_SETTINGS.map(({ variable }) => variable));
  const compared = ALL_SETTINGS.filter(({ variable }) => variable.length >= SHORTEST_COMPARED).map(
    (setting): Spelling => [setting.variable, setting],
  );
  return Object.entries(environment)
    .filter(([variable, value]) => value?.trim() && !known.has(variable) && !used.has(variable))
    .flatMap(([variable]) => {
      const given = normalizeName(variable);
      const meant =
        CREW_SETTINGS.find(
          ({ field, variable: own }) => field.toUpperCase() === given && !environment[own],
        ) ??
        findMeant(given, compared) ??
        ALL_SETTINGS.find((setting) => isShortFor(given, setting.variable));
      if (!meant) return [];
      const why = `not recognized, so it has no effect: did you mean ${meant.variable}?`;
      return [{ variable, why, isError: meant.decidesWho !== undefined, meant: meant.variable }];
    });
}

/** Finds variables that have no effect with CREWS_FILE. `own`: what each of its crews has itself. */
export function findOverridden(
  given: GivenValues,
  used: ReadonlySet<string>,
  own: readonly GivenValues[],
): IneffectiveSetting[] {
  return ALL_SETTINGS.flatMap((setting) => {
    const { variable, field, oneCrew, decidesWho } = setting;
    // A value copied from .env.example is not meant to have an effect.
    const isMeant = field in given && given[field] !== getExample(setting) && !used.has(variable);
    if (!isMeant || !(oneCrew || own.every((crew) => field in crew))) return [];
    const why = oneCrew ? ' while CREWS_FILE is set' : `: each crew of CREWS_FILE has its own ${field}`;
    // Each crew has a list of its own then: nobody is missing.
    return [{ variable, why: `has no effect${why}`, isError: decidesWho === 'rule' }];
  });
}

type NamedValues = Readonly<Record<string, unknown>>;

/**
 * Finds settings that have no effect because of what other settings are. `bot`: the values for all crews; `own`: what each
 * crew of CREWS_FILE has itself, the rest is from the environment.
 */
export function findWithoutEffect(
  bot: NamedValues,
  crews: readonly CrewSettings[],
  used: ReadonlySet<string>,
  own: readonly GivenValues[] = [],
): IneffectiveSetting[] {
  /** By names: why there is no effect on each crew. */
  const found = new Map<string, (string | undefined)[]>();
  const add = (variable: string, why: string | undefined) =>
    found.set(variable, [...(found.get(variable) ?? []), why]);
  for (const setting of [...SLACK_SETTINGS, ...BOT_SETTINGS])
    add(setting.variable, explainNoEffect(setting, bot, [bot]));
  for (const [index, crew] of crews.entries()) {
    const inFile = (field: string) => field in (own[index] ?? {});
    const report = ({ field, variable }: Setting, path: string, why: string | undefined) => {
      if (inFile(field)) add(`crews.${crew.name}.${field}${path}`, why && useFields(why));
      else if (!used.has(variable)) add(`${variable}${path}`, why);
    };
    const values: NamedValues = { ...bot, ...crew };
    const tasks = crew.tasks.map((task) => ({ task, rules: { ...values, ...task } }));
    // The rules of a task that is not known: the strictest of all, which decide nothing.
    const unknown = { ...values, ...Object.assign({}, ...crew.tasks), onExpiry: 'keep' };
    for (const setting of CREW_SETTINGS) {
      const heirs = tasks.flatMap(({ task, rules }) => (setting.name in task ? [] : [rules]));
      report(setting, '', explainNoEffect(setting, values, [values, ...heirs, unknown]));
    }
    const listed = CREW_SETTINGS.find(({ name }) => name === 'tasks') as Setting;
    for (const [place, { task, rules }] of tasks.entries())
      for (const rule of RULE_SETTINGS)
        report(listed, `.${place}.${rule.field}`, explainNoEffect(rule, { ...task }, [rules, unknown]));
  }
  return [...found].flatMap(([variable, whys]) => {
    const [why] = whys;
    return why !== undefined && !whys.includes(undefined) ? [{ variable, why, isError: false }] : [];
  });
}

/** When a setting has no effect, by the table. `isSo`: whether this is so under all of these rules. */
function listConditions({ needs = [], neededBy, notWith }: Setting) {
  type Rules = readonly NamedValues[];
  const as = neededBy === undefined ? '' : `as ${neededBy} `;
  return [
    ...needs.map((need) => ({
      when: `${as}without ${need}`,
      isSo: (rules: Rules) => !rules.some((values) => isMet(need, values)),
    })),
    ...(notWith === undefined ? [] : [notWith]).map((other) => ({
      when: `${as}with ${other}`,
      isSo: (rules: Rules) => rules.every((values) => isMet(other, values)),
    })),
  ];
}

function explainNoEffect(
  setting: Setting,
  { [setting.name]: value }: NamedValues,
  rules: readonly NamedValues[],
): string | undefined {
  const { neededBy = value } = setting;
  if (!isSet(setting, value) || value !== neededBy) return undefined;
  const condition = listConditions(setting).find(({ isSo }) => isSo(rules));
  return condition && `has no effect ${condition.when}`;
}

function isMet(need: string, values: NamedValues): boolean {
  return need.split(' or ').some((one) => {
    const [variable, wanted] = one.split('=');
    const setting = ALL_SETTINGS.find((known) => known.variable === variable);
    if (!setting) return false;
    const value = values[setting.name];
    return wanted === undefined ? isSet(setting, value) : value === wanted;
  });
}

/** A default is not meant to have an effect. A crew that takes Flow reviews only has an empty URL. */
function isSet({ schema, default: preset }: Setting, value: unknown): boolean {
  if (value === undefined || value === '') return false;
  return preset === undefined || !isDeepStrictEqual(value, schema.parse(preset));
}

/** Names the settings of a crew as its file does. */
function useFields(why: string): string {
  return why.replace(
    /[A-Z_]{2,}/g,
    (name) => CREW_SETTINGS.find((one) => one.variable === name)?.field ?? name,
  );
}

/** Says why a name in the crews file is wrong, and what was probably meant. */
export function describeUnknownField(given: string): string {
  const name = normalizeName(given);
  const ofBot = [...SLACK_SETTINGS, ...BOT_SETTINGS].find(({ variable }) => variable === name);
  if (ofBot && !ofBot.oneCrew) return `is a setting of the bot: set ${name} in the environment`;
  const spellings = CREW_SETTINGS.flatMap((setting): Spelling[] => [
    [setting.field.toUpperCase(), setting],
    [setting.variable, setting],
  ]);
  const meant = findMeant(name, spellings);
  if (meant?.field === given) return "is a setting of a crew: it belongs directly below the crew's name";
  const hint = meant ? `: did you mean ${meant.field}?` : '';
  return `is not a recognized setting of a crew${hint}`;
}

/** The setting with the most similar of these names, if one is similar enough. */
function findMeant(given: string, spellings: readonly Spelling[]): Setting | undefined {
  const settings = new Map(spellings);
  const isOurs = OUR_PREFIXES.test(given);
  const [nearest] = findNearest(given, [...settings.keys()], (name) => {
    if (isOurs) return Number.POSITIVE_INFINITY;
    return name.length < SHORTEST_WITH_TWO_TYPOS ? 1 : MOST_TYPOS;
  });
  return nearest === undefined ? undefined : settings.get(nearest);
}

function normalizeName(name: string): string {
  return name.toUpperCase().replace(/[-.]/g, '_');
}

/** Whether a name lacks words of a CREWAI_ setting, as in CREWAI_TOKEN. */
function isShortFor(given: string, variable: string): boolean {
  const [first, ...words] = given.split('_');
  const all = variable.split('_');
  return (
    first === 'CREWAI' && first === all[0] && words.length > 0 && words.every((word) => all.includes(word))
  );
}
