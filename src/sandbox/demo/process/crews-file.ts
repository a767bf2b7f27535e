import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes the settings of crews as the bot's CREWS_FILE; gives its path. JSON is YAML too. */
export function writeCrewsFile(folder: string, crews: Readonly<Record<string, object>>): string {
  const path = join(folder, 'crews.yml');
  writeFileSync(path, JSON.stringify({ crews }, null, 2), { mode: 0o600 });
  return path;
}
