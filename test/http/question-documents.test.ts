import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import { STATE_SCHEMA } from '../../src/clients/question-schemas.ts';
import { FIELDS_RULES, PROPERTY_RULES } from '../../src/http/fields-schema.ts';
import { readProgramBody } from '../../src/http/program-bodies.ts';
import { COMBINATION_RULES } from '../../src/http/question-schema.ts';
import {
  buildSchemas,
  COMMAND,
  type JsonSchema,
  listDescriptions,
  listKeywordRows,
  listQuestionRows,
  listStateRows,
  SCHEMAS,
  writeClientTypes,
  writeOpenApi,
  writeTable,
  writeToolSchemas,
} from './question-documents.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const format = (path: string, text: string) =>
  execFileSync(
    process.execPath,
    ['node_modules/@biomejs/biome/bin/biome', 'format', `--stdin-file-path=${path}`],
    {
      cwd: root,
      input: text,
      encoding: 'utf8',
    },
  );

const TABLES: Readonly<Record<string, () => string>> = {
  question: () => writeTable(['field', 'meaning'], listQuestionRows()),
  state: () => writeTable(['field', 'meaning'], listStateRows()),
  values: () => writeTable(['keyword', 'meaning'], listKeywordRows()),
};

test.each<[path: string, write: () => string]>([
  ['src/clients/question-types.ts', () => format('question-types.ts', writeClientTypes())],
  ['src/clients/question-schemas.ts', () => format('question-schemas.ts', writeToolSchemas())],
  [
    'docs/openapi.yaml',
    () =>
      format(
        'docs/openapi.yaml',
        read('docs/openapi.yaml').replace(
          /( +# Written from src\/http\/question-schema.ts: .*\n)[\s\S]*?( +# Written by hand:)/,
          (_, head: string, end: string) => `${head}${writeOpenApi()}\n${end}`,
        ),
      ),
  ],
  [
    'docs/questions.md',
    () =>
      read('docs/questions.md').replace(
        /<!-- fields: (.+) -->\n[\s\S]*?<!-- end -->/g,
        (_, name: string) => `<!-- fields: ${name} -->\n\n${TABLES[name]?.()}\n\n<!-- end -->`,
      ),
  ],
])(`%s is that of the schemas (${COMMAND})`, async (path, write) => {
  await expect(write()).toMatchFileSnapshot(join(root, path));
});

/** The sentences of all checks that JSON schema cannot name. */
function listRules(schema: z.core.$ZodType, seen = new Set<unknown>()): string[] {
  if (seen.has(schema)) return [];
  seen.add(schema);
  const { def } = schema._zod as unknown as {
    def: { checks?: z.core.$ZodCheck[] } & Record<string, unknown>;
  };
  const own = (def.checks ?? []).flatMap((check) => {
    const { check: kind, error } = check._zod.def as { check: string; error?: (issue: never) => unknown };
    return kind === 'custom' ? [String(error?.({} as never))] : [];
  });
  const inner = Object.values(def).flatMap((value) => (Array.isArray(value) ? value : [value]));
  const all = inner.flatMap((one) => (isZod(one) || !isRecord(one) ? [one] : Object.values(one)));
  return [...own, ...all.filter(isZod).flatMap((one) => listRules(one, seen))];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const isZod = (value: unknown): value is z.core.$ZodType =>
  isRecord(value) && '_zod' in value && 'type' in (value._zod as { def: object }).def;

test('what JSON schema cannot say stands in a description', () => {
  const rules = Object.values(SCHEMAS).flatMap((schema) => listRules(schema));
  expect(new Set(rules).size).toBeGreaterThanOrEqual(9);
  const together = [...COMBINATION_RULES, ...PROPERTY_RULES].map(({ fault }) => fault);
  const sentences = [...rules, ...together, ...Object.values(FIELDS_RULES)];
  const told = listDescriptions(buildSchemas()).join('\n');
  expect(sentences.filter((sentence) => !told.includes(sentence))).toEqual([]);
});

test('each field of a question and of an answer has a description', () => {
  const { Question, Answer, KnownQuestion } = buildSchemas();
  const fields = [Question, Answer, KnownQuestion].flatMap((one) => Object.entries(one?.properties ?? {}));
  const options = Object.entries(Question?.properties?.options?.items?.properties ?? {});
  expect([...fields, ...options].filter(([, { description }]) => !description)).toEqual([]);
});

test('a question in which a client fills in each default is the same question', () => {
  const { Question } = buildSchemas();
  const { items } = Question?.properties?.options ?? {};
  const fill = (schema: JsonSchema | undefined, given: object) => ({
    ...Object.fromEntries(
      Object.entries(schema?.properties ?? {}).flatMap(([name, one]) =>
        one.default === undefined ? [] : [[name, one.default]],
      ),
    ),
    ...given,
  });
  const fields = { type: 'object', properties: { sum: { type: 'number' } } };
  const options = [
    { id: 'pay', label: 'Pay' },
    { id: 'hold', label: 'Hold' },
  ];
  const read = (body: object) => {
    const asked = readProgramBody('question', JSON.stringify(body));
    return 'question' in asked ? { ...asked.question, digest: '' } : asked;
  };
  const question = { title: 'Pay?', text: 'An invoice', fields, options };
  const filled = fill(Question, { ...question, options: options.map((option) => fill(items, option)) });
  expect(read(filled)).toEqual(read(question));
  expect(read(question)).toHaveProperty('digest');
});

test('a client of MCP takes an answer of a newer bot, which has more fields', () => {
  const answer = { option: 'ship', text: '', by: 'UANA', at: '2026-01-31T08:00:00Z', more: {} };
  const validate = new AjvJsonSchemaValidator().getValidator(STATE_SCHEMA as never);
  expect(validate({ id: 'mcp:q', status: 'answered', answer, more: 1 })).toMatchObject({ valid: true });
  expect(validate({ id: 'mcp:q', status: 'answered', answer: { text: '' } }).valid).toBe(false);
});

test('the Python client takes each field of a question, and gives each of an answer', () => {
  const { Question, Answer } = buildSchemas();
  const find = (file: string, pattern: RegExp) =>
    pattern.exec(read(`src/python/crew_approvals/${file}.py`))?.[1] ?? '';
  const words = (text: string, pattern: RegExp) =>
    [...text.matchAll(pattern)].map(([, name = '']) => name).sort();
  const fields = Object.keys(Question?.properties ?? {});
  // The package says itself whether a question has a lease.
  const asked = [...fields.filter((name) => name !== 'lease'), 'id', 'timeout'];
  expect(words(find('client', / def ask\(([\s\S]*?)\) -> Answer:/), /^ {8}(\w+):/gm)).toEqual(asked.sort());
  const built = ['title', 'text', 'options', 'output', 'fields', 'run', 'lease'];
  const passed = fields.filter((name) => !built.includes(name));
  expect(words(find('questions', /^FIELDS = \{([\s\S]*?)^\}/m), /"(\w+)"/g)).toEqual(passed.sort());
  const answered = words(find('questions', /^( {4}option: str\n[\s\S]*?)\n\n/m), /^ {4}(\w+):/gm);
  expect(answered).toEqual(Object.keys(Answer?.properties ?? {}).sort());
});

test('the documents have their generated parts', () => {
  expect(read('docs/openapi.yaml')).toContain(`# Written from src/http/question-schema.ts: ${COMMAND}\n`);
  const tables = [...read('docs/questions.md').matchAll(/<!-- fields: (.+) -->/g)].map(([, name]) => name);
  expect(tables.sort()).toEqual(Object.keys(TABLES).sort());
});
