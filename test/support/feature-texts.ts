import { existsSync, readdirSync } from 'node:fs';

const FOLDER = 'src/features';

/** The files of the texts of features. */
export const FEATURE_TEXTS: readonly string[] = readdirSync(FOLDER)
  .map((name) => `${FOLDER}/${name}/texts.ts`)
  .filter((file) => existsSync(file));

/** The texts of each feature by its name; they are read in the language that is spoken then. */
export async function loadFeatureTexts(): Promise<Readonly<Record<string, object>>> {
  const all = FEATURE_TEXTS.map(async (file) => {
    const [texts = {}] = Object.values((await import(`../../${file}`)) as Record<string, object>);
    return [file.split('/')[2], texts];
  });
  return Object.fromEntries(await Promise.all(all));
}
