import { findNearest } from '../lib/edit-distance.ts';
import type { Environment, GivenValues, IneffectiveSetting } from './settings.ts';
import {
  ALL_SETTINGS,
  BOT_SETTINGS,
  CREW_SETTINGS,
  getExample,
  type Setting,
  SLACK_SETTINGS,
} from './table.ts';

/** Prefixes that only our settings have. CrewAI has its own variables (CREWAI_STORAGE_DIR). */
const OUR_PREFIXES = /^(?:APPROVAL_|APPROVER)/;
/** Shorter variables are similar to too many others (HOST, HOME). */
const SHORTEST_COMPARED = 6;
const MAX_TYPOS = 2;
/** With two typos, a shorter name becomes another word (INPUTS, INPUTRC). */
const SHORTEST_WITH_TWO_TYPOS = 8;

type Spelling = readonly [name: string, setting: Setting];

/** Finds misspelled variables. `used`: variables that other settings name as `$NAME`. */
export function findMisspelled(
  environment: Environment,
  used: ReadonlySet<string>,
): (IneffectiveSetting & { meant: string })[] {
  const knownVariables = new Set(ALL_SETTINGS.map(({ variable }) => variable));
  const compared = ALL_SETTINGS.filter(({ variable }) => variable.length >= SHORTEST_COMPARED).map(
    (setting): Spelling => [setting.variable, setting],
  );
  return Object.entries(environment)
    .filter(([variable, value]) => value?.trim() && !knownVariables.has(variable) && !used.has(variable))
    .flatMap(([variable]) => {
      const normalizedName = normalizeName(variable);
      const meant =
        CREW_SETTINGS.find(
          ({ field, variable: otherVariable }) =>
            field.toUpperCase() === normalizedName && !environment[otherVariable],
        ) ??
        findMeant(normalizedName, compared) ??
        ALL_SETTINGS.find((setting) => isShortFor(normalizedName, setting.variable));
      if (!meant) return [];
      const why = `not recognized, so it has no effect: did you mean ${meant.variable}?`;
      return [{ variable, why, isError: meant.restrictsPeople !== undefined, meant: meant.variable }];
    });
}

/** Finds variables that have no effect with CREWS_FILE. `crewValues`: each crew's own values. */
export function findOverridden(
  botValues: GivenValues,
  used: ReadonlySet<string>,
  crewValues: readonly GivenValues[],
): IneffectiveSetting[] {
  return ALL_SETTINGS.flatMap((setting) => {
    const { variable, field, singleCrewOnly, restrictsPeople } = setting;
    // A value copied from .env.example is not meant to have an effect.
    const isMeant = field in botValues && botValues[field] !== getExample(setting) && !used.has(variable);
    if (!isMeant || !(singleCrewOnly || crewValues.every((crew) => field in crew))) return [];
    const why = singleCrewOnly
      ? ' while CREWS_FILE is set'
      : `: each crew of CREWS_FILE has its own ${field}`;
    // Each crew's own list of people replaces this one on purpose. A rule without effect may let more people decide.
    return [{ variable, why: `has no effect${why}`, isError: restrictsPeople === 'rule' }];
  });
}

/** Explains why a name in the crews file is wrong, and suggests the name that was probably meant. */
export function describeUnknownField(fieldName: string): string {
  const name = normalizeName(fieldName);
  const botSetting = [...SLACK_SETTINGS, ...BOT_SETTINGS].find(({ variable }) => variable === name);
  if (botSetting && !botSetting.singleCrewOnly)
    return `is a setting of the bot: set ${name} in the environment`;
  const spellings = CREW_SETTINGS.flatMap((setting): Spelling[] => [
    [setting.field.toUpperCase(), setting],
    [setting.variable, setting],
  ]);
  const meant = findMeant(name, spellings);
  if (meant?.field === fieldName) return "is a setting of a crew: it belongs directly below the crew's name";
  const hint = meant ? `: did you mean ${meant.field}?` : '';
  return `is not a recognized setting of a crew${hint}`;
}

/** Finds the setting with the most similar of these names; undefined: none is similar enough. */
function findMeant(unknownName: string, spellings: readonly Spelling[]): Setting | undefined {
  const settings = new Map(spellings);
  const isOurs = OUR_PREFIXES.test(unknownName);
  const [nearest] = findNearest(unknownName, [...settings.keys()], (name) => {
    if (isOurs) return Number.POSITIVE_INFINITY;
    return name.length < SHORTEST_WITH_TWO_TYPOS ? 1 : MAX_TYPOS;
  });
  return nearest === undefined ? undefined : settings.get(nearest);
}

function normalizeName(name: string): string {
  return name.toUpperCase().replace(/[-.]/g, '_');
}

/** True if a name is a CREWAI_ setting with words left out, for example CREWAI_TOKEN. */
function isShortFor(shortName: string, variable: string): boolean {
  const [prefix, ...words] = shortName.split('_');
  const variableWords = variable.split('_');
  return (
    prefix === 'CREWAI' &&
    prefix === variableWords[0] &&
    words.length > 0 &&
    words.every((word) => variableWords.includes(word))
  );
}
