import { DatabaseSync } from '@photostructure/sqlite';
import { z } from 'zod';
import { approvalSchema, factSchema } from '../../../src/approval/model/approval.ts';
import { outputSchema } from '../../../src/approval/model/output.ts';
import { agentStepsSchema } from '../../../src/approval/model/run/agent-steps.ts';
import { runRecordSchema } from '../../../src/approval/model/run/run-record.ts';
import { declaredInputsSchema, threadOwnerSchema } from '../../../src/store/approval-store.ts';
import { INDEX_OF } from '../../../src/store/keys.ts';

const ABOUT = { approval: z.string(), crew: z.string(), execution: z.string(), task: z.string() };

/** Schema of the value of each kind of record. */
const VALUES: Record<string, z.ZodType> = {
  approval: approvalSchema,
  execution: runRecordSchema,
  output: outputSchema,
  result: outputSchema,
  alias: z.string(),
  aliasof: z.string(),
  question: z.string(),
  root: threadOwnerSchema,
  inputs: declaredInputsSchema,
  steps: agentStepsSchema,
  fact: factSchema.extend(ABOUT),
  ...Object.fromEntries(Object.values(INDEX_OF).map((index) => [index, z.string()])),
};

/** Records that are plain text instead of JSON with a value. */
const TEXTS: Record<string, z.ZodType> = {
  usage: z.string().regex(/^(\d+|\{.*\})$/),
  tickets: z.literal('true'),
  dialect: z.enum(['documented', 'live']),
  format: z.string().regex(/^\d+$/),
};

/** Reads every record of a SQLite file as the bot would. `faults`: records that do not match their kind, by key. */
export function readStored(file: string): { kinds: Record<string, number>; faults: string[] } {
  const database = new DatabaseSync(file, { readOnly: true });
  const records = database.prepare('SELECT key, raw FROM records').all() as { key: string; raw: string }[];
  database.close();
  const kinds: Record<string, number> = {};
  const faults: string[] = [];
  for (const { key, raw } of records) {
    const kind = key.split('/')[0] ?? '';
    if (kind === 'ready') continue;
    kinds[kind] = (kinds[kind] ?? 0) + 1;
    try {
      const [text, value] = [TEXTS[kind], VALUES[kind]];
      if (text) text.parse(raw);
      else if (value) value.parse((JSON.parse(raw) as { value: unknown }).value);
      else throw new Error('no kind of record');
    } catch (error) {
      faults.push(`${key}: ${String(error).slice(0, 300)}`);
    }
  }
  return { kinds, faults };
}
