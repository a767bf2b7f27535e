import { DatabaseSync } from '@photostructure/sqlite';
import { z } from 'zod';
import { approvalSchema } from '../../../src/approval/model/approval.ts';
import { factSchema } from '../../../src/approval/model/fact.ts';
import { outputSchema } from '../../../src/approval/model/output.ts';
import { executionSchema } from '../../../src/approval/model/run/execution.ts';
import { INDEX_OF } from '../../../src/store/keys.ts';

const fact = factSchema.extend({
  approval: z.string(),
  crew: z.string(),
  execution: z.string(),
  task: z.string(),
});

const READERS: Record<string, (value: unknown) => unknown> = {
  approval: approvalSchema.parse,
  execution: executionSchema.parse,
  output: outputSchema.parse,
  result: outputSchema.parse,
  alias: z.string().parse,
  dialect: z.enum(['live', 'documented']).parse,
  usage: z.record(z.string(), z.unknown()).parse,
  fact: fact.parse,
  ...Object.fromEntries(Object.values(INDEX_OF).map((index) => [index, z.string().parse])),
};

/** Records that are their text. */
const TEXTS: Record<string, (text: string) => unknown> = {
  usage: z.string().regex(/^\d+$/).parse,
  dialect: z.enum(['documented', 'live']).parse,
  format: z.string().regex(/^\d+$/).parse,
};

/** Reads every record of a SQLite file as the bot would. `faults`: what is none of its kind, by key. */
export function readStored(file: string): { kinds: Record<string, number>; faults: string[] } {
  const database = new DatabaseSync(file, { readOnly: true });
  const kinds: Record<string, number> = {};
  const faults: string[] = [];
  for (const { key, raw } of database.prepare('SELECT key, raw FROM records').iterate() as Iterable<{
    key: string;
    raw: string;
  }>) {
    const kind = key.split('/')[0] ?? '';
    if (kind === 'ready') continue;
    kinds[kind] = (kinds[kind] ?? 0) + 1;
    try {
      const text = TEXTS[kind];
      if (text) {
        text(raw);
        continue;
      }
      const reader = READERS[kind];
      if (!reader) throw new Error('no kind of record');
      reader((JSON.parse(raw) as { value: unknown }).value);
    } catch (error) {
      faults.push(`${key}: ${String(error).slice(0, 300)}`);
    }
  }
  database.close();
  return { kinds, faults };
}
