import type { Environment, IneffectiveSetting } from './settings.ts';

/** By the former name of a variable: its name now. The former one works until the next minor version, with a line at the start. */
export type RenamedSettings = Readonly<Record<string, string>>;
export const RENAMED_SETTINGS: RenamedSettings = {};

/** What is given under names of now. Pure. */
interface Renamed<T> {
  given: T;
  told: IneffectiveSetting[];
}

/** The environment, with what it has under former names. */
export function renameVariables(environment: Environment, renamed: RenamedSettings): Renamed<Environment> {
  return renameAll(environment, Object.entries(renamed), (name) => name);
}

/** The fields of a crew in the crews file, with what it has under former names. `path`: of the crew. */
export function renameFields<T extends object>(
  crew: T,
  path: string,
  { renamed, fieldOf }: { renamed: RenamedSettings; fieldOf: (variable: string) => string },
): Renamed<T> {
  const pairs = Object.entries(renamed).map(([former, now]) => [former.toLowerCase(), fieldOf(now)] as const);
  return renameAll(crew, pairs, (name) => `${path}.${name}`);
}

function renameAll<T extends object>(
  all: T,
  pairs: readonly (readonly [former: string, now: string])[],
  label: (name: string) => string,
): Renamed<T> {
  const given = { ...all } as Record<string, unknown>;
  const told: IneffectiveSetting[] = [];
  for (const [former, now] of pairs) {
    const value = given[former];
    if (value === undefined || value === '') continue;
    delete given[former];
    const isSet = given[now] !== undefined && given[now] !== '';
    if (!isSet) given[now] = value;
    const why = isSet
      ? `has no effect: it is called ${now} now, which is set as well`
      : `is called ${now} now: this name works until the next minor version`;
    told.push({ variable: label(former), why, isError: false });
  }
  return { given: given as T, told };
}
