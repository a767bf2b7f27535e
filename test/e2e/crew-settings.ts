import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SECRET, type World } from '../support/world.ts';

/** The settings of one crew in a file, with these lines more. */
export function crewsFile(world: World, ...lines: string[]): Record<string, string> {
  const path = join(world.folder, 'crews.yml');
  const crew = [
    `base_url: ${world.settings.CREWAI_BASE_URL}`,
    `bearer_token: ${world.settings.CREWAI_BEARER_TOKEN}`,
    `webhook_secret: ${SECRET}`,
    'channel: CAPPROVALS',
    ...lines,
  ];
  writeFileSync(path, ['crews:', '  press:', ...crew.map((line) => `    ${line}`)].join('\n'));
  return { CREWS_FILE: path };
}
