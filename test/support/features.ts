import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FEATURES } from '../../src/features/index.ts';
import type { Feature } from '../../src/slack/feature.ts';

const FOLDER = 'src/features';

/** Every id of a table of features. */
export const idsOfFeatures = (table: Exclude<keyof Feature, 'commands' | 'home'>): string[] =>
  FEATURES.flatMap((feature) => Object.keys(feature[table] ?? {}));

/** True if a leaf has this word of /approvals: a story of two leaves is told only where both are. */
export const hasWord = (word: string): boolean =>
  FEATURES.some(({ commands = [] }) => commands.some(({ words }) => words.includes(word)));

/** The files of the texts of features. */
const FEATURE_TEXTS: readonly string[] = readdirSync(FOLDER)
  .map((name) => `${FOLDER}/${name}/texts.ts`)
  .filter((file) => existsSync(file));

/** The texts of each feature by its name; they are read in the language that is spoken then. */
export async function loadFeatureTexts(): Promise<Readonly<Record<string, object>>> {
  const all = FEATURE_TEXTS.map(async (file) => {
    const path = join(process.cwd(), file);
    const [texts = {}] = Object.values((await import(path)) as Record<string, object>);
    return [file.split('/')[2], texts];
  });
  return Object.fromEntries(await Promise.all(all));
}
