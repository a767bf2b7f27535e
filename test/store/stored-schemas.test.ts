import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { approvalSchema, leaseSchema, RECORD_VERSION } from '../../src/approval/model/approval.ts';
import { absencesSchema } from '../../src/approval/model/away.ts';
import { outputSchema } from '../../src/approval/model/output.ts';
import { agentStepsSchema } from '../../src/approval/model/run/agent-steps.ts';
import { runRecordSchema } from '../../src/approval/model/run/run-record.ts';
import { startSchema } from '../../src/approval/model/run/start.ts';
import { declaredInputsSchema, threadOwnerSchema } from '../../src/store/approval-store.ts';
import { entrySchema } from '../../src/store/chain.ts';
import { listAliasKeys } from '../../src/store/changes.ts';
import { OLDEST_FORMAT } from '../../src/store/formats/formats.ts';
import {
  buildFactKey,
  buildKey,
  buildOutputKey,
  buildUnreadableKey,
  INDEX_OF,
  type KEY_KINDS,
} from '../../src/store/keys.ts';
import { receiptKeySchema } from '../../src/store/receipt-keys.ts';

const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'stores');

/** By the kind of their keys, what is stored; test/world/stored-shapes.test.ts compares what has no schema. */
const SCHEMAS: Readonly<Record<(typeof KEY_KINDS)[number], z.ZodType | 'no schema'>> = {
  approval: approvalSchema,
  output: outputSchema,
  execution: runRecordSchema,
  result: outputSchema,
  alias: z.string(),
  aliasof: z.string(),
  question: z.string(),
  steps: agentStepsSchema,
  root: threadOwnerSchema,
  inputs: declaredInputsSchema,
  away: absencesSchema,
  kickoff: startSchema,
  dialect: 'no schema',
  tickets: 'no schema',
  fact: entrySchema,
  event: 'no schema',
  sender: leaseSchema,
  receiptkey: receiptKeySchema,
};

/** A key of each form. */
const KEYS = [
  buildKey('approval', 'ÄB/C'),
  buildKey('open', 5.5, 'A'),
  buildFactKey('A', { at: 5, seq: 6 }),
  buildOutputKey('A', 'text:ab'),
  buildUnreadableKey('approval/A'),
  ...Object.values(listAliasKeys('crew', 'alias', 'run')),
];

/** One line for each kind: what it is, with a hash. */
function describeStored(): string {
  const kinds = Object.entries(SCHEMAS).map(([kind, schema]) => [
    kind,
    schema === 'no schema' ? schema : hash(z.toJSONSchema(schema, { unrepresentable: 'any' })),
  ]);
  const lines = [...kinds, ['indexes', hash(Object.values(INDEX_OF).toSorted())], ['keys', hash(KEYS)]];
  return [`format ${RECORD_VERSION}`, ...lines.map((line) => line.join(' ')), ''].join('\n');
}

/** The same for the same schema, in whatever order its fields are. */
function hash(value: unknown): string {
  const sorted = JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
  return createHash('sha256').update(sorted).digest('hex').slice(0, 16);
}

const HOW = `What the bot stores has changed and the format has not. Raise RECORD_VERSION, write a step in src/store/formats and make a fixture: npx tsx test/fixtures/stores/make-store.ts. Only while format ${RECORD_VERSION} has not been released: make its fixture again, and write the hashes anew with npx vitest run test/store/stored-schemas.test.ts --update.`;

const FILE = join(FOLDER, `format-${RECORD_VERSION}.schemas.txt`);
/** A comparison outside of CI writes it. */
const wasThere = existsSync(FILE);

test('what is stored does not change without a new format', async () => {
  await expect(describeStored(), HOW).toMatchFileSnapshot(FILE);
  expect(wasThere, HOW).toBe(true);
});

test('each format that is read has a fixture', () => {
  for (let format = OLDEST_FORMAT; format <= RECORD_VERSION; format += 1)
    for (const name of ['.db.gz', '.json', '.crews.yml'])
      expect(
        existsSync(join(FOLDER, `format-${format}${name}`)),
        `format-${format}${name} is missing: make it with the bot of format ${format}, npx tsx test/fixtures/stores/make-store.ts`,
      ).toBe(true);
});
