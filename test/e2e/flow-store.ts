import { openSqlite } from '../../src/store/backends/sqlite/sqlite.ts';
import { file } from '../support/process-steps.ts';
import type { World } from '../support/world.ts';

/** All that the store holds, beside the running bot. */
export async function readStore(world: World): Promise<string> {
  const records = await openSqlite(file(world), { beside: true });
  const all: string[] = [];
  for await (const [key, raw] of records.iterator()) all.push(key, raw);
  await records.disconnect();
  return all.join('\n');
}
