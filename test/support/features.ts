import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FEATURES } from '../../src/features/index.ts';
import type { Feature } from '../../src/slack/feature.ts';

const FOLDER = 'src/features';

/** Lists the ids in a table of all features. */
export const idsOfFeatures = (table: Exclude<keyof Feature, 'commands' | 'home'>): string[] =>
  FEATURES.flatMap((feature) => Object.keys(feature[table] ?? {}));

/** True if a feature has this word of /approvals. Stories of two features are told only if both exist. */
export const hasWord = (word: string): boolean =>
  FEATURES.some(({ commands = [] }) => commands.some(({ words }) => words.includes(word)));

/** The text files of the features. */
const FEATURE_TEXTS: readonly string[] = readdirSync(FOLDER)
  .map((name) => `${FOLDER}/${name}/texts.ts`)
  .filter((file) => existsSync(file));

/**
 * Loads the texts of each feature, by the feature's name. Each is read in the language that is current at that time.
 */
export async function loadFeatureTexts(): Promise<Readonly<Record<string, object>>> {
  const all = FEATURE_TEXTS.map(async (file) => {
    const path = join(process.cwd(), file);
    const [texts = {}] = Object.values((await import(path)) as Record<string, object>);
    return [file.split('/')[2], texts];
  });
  return Object.fromEntries(await Promise.all(all));
}
