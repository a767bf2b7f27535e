import { z } from 'zod';
import { hashOutput, type Output, readOutput } from '../approval/model/output.ts';
import { type Faults, limitFaults } from '../approval/model/run/webhook.ts';
import type { CrewInputs } from '../approval/ports.ts';
import { BodyReader } from '../lib/body-reader.ts';
import { type BodyRejection, hasHugeExponent, parseBody, readMemberTexts } from '../lib/json-text.ts';
import { fieldsSchema, findFieldsFaults, MAX_INPUTS, readSchemaFields } from './fields-schema.ts';
import { EXPONENT_FAULT, listFieldFaults, readQuestion } from './question-body.ts';

const LONGEST_ID = 255;

const programIdSchema = z.string('must be a text').min(1, 'must not be empty').max(LONGEST_ID, 'is too long');
const reasonSchema = z.string('must be a text').max(2_000, 'is too long').optional();
const runSchema = z.strictObject({
  state: z.enum(['running', 'finished', 'failed'], 'must be running, finished or failed'),
  result: z.unknown().optional(),
  reason: reasonSchema,
});
const namesSchema = z
  .array(z.string().max(255), 'must be a list of names')
  .max(1_000, 'must be at most 1000');
const inputsSchema = z.strictObject({
  inputs: namesSchema.optional(),
  required_inputs: namesSchema.optional(),
  fields: fieldsSchema.optional(),
});
const startAnswerSchema = z.discriminatedUnion(
  'status',
  [
    z.strictObject({ status: z.literal('started'), run: programIdSchema }),
    z.strictObject({ status: z.literal('refused'), reason: reasonSchema }),
  ],
  'must be started or refused',
);

type Read<T> = { given: T } | Faults | { rejection: BodyRejection };

/** Readers of program bodies. */
const READERS = {
  question: readQuestion,
  run: (
    text: string,
  ): Read<{ state: z.output<typeof runSchema>['state']; reason?: string; result: Output; hash: string }> => {
    const parsed = readBodyFields(runSchema, text, 'result');
    if (!('given' in parsed)) return parsed;
    const { result, reason, ...given } = parsed.given;
    const output = readOutput(result, readMemberTexts(text).get('result'));
    const hashedOutput = { result: output, hash: hashOutput(output) };
    return { given: { ...given, ...(reason === undefined ? {} : { reason }), ...hashedOutput } };
  },
  inputs: readInputsBody,
  start: (text: string) => readBodyFields(startAnswerSchema, text, 'reason'),
};
export type ProgramBody = keyof typeof READERS;
export type ReadProgramBody<K extends ProgramBody = ProgramBody> = ReturnType<(typeof READERS)[K]>;
/** Reads a body of a program. Rejects with an AppError when reading failed. */
export type ProgramReading = <K extends ProgramBody>(
  kind: K,
  body: Uint8Array,
) => Promise<ReadProgramBody<K>>;

export function readProgramBody(kind: ProgramBody, text: string): ReadProgramBody {
  return limitFaults(READERS[kind](text));
}

export function createProgramReader() {
  const reader = new BodyReader<ProgramBody, ReadProgramBody>({
    read: readProgramBody,
    thread: new URL('./program-body-worker.ts', import.meta.url),
  });
  return {
    read: ((kind, body) => reader.read(kind, body)) as ProgramReading,
    close: () => reader.close(),
  };
}

/** The inputs of a start: their names, or a schema of their values. */
function readInputsBody(text: string): Read<CrewInputs> {
  const parsed = readBodyFields(inputsSchema, text, 'inputs');
  if (!('given' in parsed)) return parsed;
  const { inputs, required_inputs: required, fields: schema } = parsed.given;
  if ((inputs === undefined) === (schema === undefined))
    return { faults: [{ field: 'inputs', fault: 'is missing: a start has either inputs or fields' }] };
  if (!schema)
    return {
      given: {
        names: [...new Set([...(inputs ?? []), ...(required ?? [])])],
        ...(required ? { required } : {}),
      },
    };
  const fields = readSchemaFields(schema);
  const faults = [
    ...findFieldsFaults(schema, readMemberTexts(text).get('fields'), MAX_INPUTS),
    ...(required ? [{ field: 'required_inputs', fault: 'must not be combined with fields' }] : []),
  ];
  if (faults.length > 0) return { faults };
  return {
    given: {
      names: fields.map(({ name }) => name),
      required: fields.flatMap(({ name, required: isRequired }) => (isRequired ? [name] : [])),
      fields,
    },
  };
}

function readBodyFields<T>(schema: z.ZodType<T>, text: string, field: string): Read<T> {
  const parsed = parseBody(text);
  if ('rejection' in parsed) return parsed;
  if (hasHugeExponent(text)) return { faults: [{ field, fault: EXPONENT_FAULT }] };
  const validated = schema.safeParse(parsed.value, { reportInput: true });
  return validated.success
    ? { given: validated.data }
    : { faults: validated.error.issues.flatMap(listFieldFaults) };
}
