import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes the bot's CREWS_FILE as JSON, which is valid YAML. Returns its path. */
export function writeCrewsFile(folder: string, crews: Readonly<Record<string, object>>): string {
  const path = join(folder, 'crews.yml');
  writeFileSync(path, JSON.stringify({ crews }, null, 2), { mode: 0o600 });
  return path;
}
