import { DatabaseSync } from '@photostructure/sqlite';
import { file } from '../support/process-steps.ts';
import type { World } from '../support/world.ts';

/** Reads all records of the store beside the running bot. */
export function readStore(world: World): string {
  const database = new DatabaseSync(file(world), { readOnly: true });
  const rows = database.prepare('SELECT key, raw FROM records ORDER BY key').all();
  database.close();
  return (rows as { key: string; raw: string }[]).flatMap(({ key, raw }) => [key, raw]).join('\n');
}
