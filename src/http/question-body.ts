import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { NewQuestion } from '../approval/intake/ask-question.ts';
import {
  attachHash,
  buildInvisibleCount,
  isBlankText,
  type Output,
  readOutput,
} from '../approval/model/output.ts';
import type { Fault, Faults } from '../approval/model/run/webhook.ts';
import { writeCall } from '../approval/model/tool-call.ts';
import { hashCanonicalJson } from '../approval/receipts.ts';
import {
  type BodyRejection,
  canonicalizeJson,
  hasHugeExponent,
  parseBody,
  readMemberTexts,
} from '../lib/json-text.ts';
import { isObject } from '../lib/own-member.ts';
import { findFieldsFaults, namesPrototype, readSchemaFields } from './fields-schema.ts';
import {
  findCombinationFaults,
  listOptionsWithFields,
  type QuestionBody,
  questionSchema,
} from './question-schema.ts';

/** Most languages read such a number as infinity or zero, and comparing it takes long. */
export const EXPONENT_FAULT = 'has a number with more than 5 digits in its exponent';

/** Reads a question; the faults name each field that is missing, wrong or too long. Pure. */
export function readQuestion(
  body: string,
): { question: Omit<NewQuestion, 'id'> } | Faults | { rejection: BodyRejection } {
  const parsed = parseBody(body);
  if ('rejection' in parsed) return parsed;
  if (hasHugeExponent(body)) return { faults: [{ field: 'output', fault: EXPONENT_FAULT }] };
  const validated = questionSchema.safeParse(parsed.value, { reportInput: true });
  const faults = [
    ...(validated.error?.issues ?? []).flatMap(listFieldFaults),
    ...findNameFaults(parsed.value),
    ...(validated.success ? findCombinationFaults(validated.data) : []),
    ...(validated.data?.fields
      ? findFieldsFaults(validated.data.fields, readMemberTexts(body).get('fields'))
      : []),
  ];
  if (!validated.success || faults.length > 0) return { faults };
  return { question: buildNewQuestion(validated.data, body) };
}

/** Turns an issue of zod into faults, each with its field. The body must be parsed with `reportInput`. */
export function listFieldFaults(issue: z.core.$ZodIssue): Fault[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      field: [...issue.path, key].join('.'),
      fault: 'is not a known field',
    }));
  if (issue.path.length === 0) return [{ field: 'body', fault: 'must be a JSON object' }];
  const isMissing = issue.code === 'invalid_type' && issue.input === undefined;
  return [{ field: issue.path.join('.'), fault: isMissing ? 'is missing' : issue.message }];
}

/** Finds a field named `__proto__`, which parsing drops. */
function findNameFaults(body: unknown): Fault[] {
  return isObject(body) && namesPrototype(body.fields)
    ? [{ field: 'fields.properties.__proto__', fault: 'is not a possible name' }]
    : [];
}

function readOptionsOf(question: QuestionBody): NewQuestion['options'] {
  const optionsWithFields = listOptionsWithFields(question);
  return question.options?.map(({ id: option, label, style, next }) => ({
    id: option,
    label,
    ...(style === undefined || style === 'default' ? {} : { style }),
    ...(next === undefined ? {} : { next }),
    ...(optionsWithFields.includes(option) ? { fields: true as const } : {}),
  }));
}

function buildNewQuestion(question: QuestionBody, body: string): Omit<NewQuestion, 'id'> {
  const output = readQuestionOutput(question, body);
  return {
    digest: createHash('sha256').update(canonicalizeJson(body)).digest('hex'),
    title: question.title,
    message: question.message === undefined || isBlankText(question.message) ? undefined : question.message,
    agent: question.agent,
    ...attachHash(output),
    ...(question.kind === 'tool'
      ? { call: writeCall(output), argumentsDigest: hashCanonicalJson(output.text) }
      : buildInvisibleCount(output)),
    options: readOptionsOf(question),
    // A tool can be blocked with a reason, and is allowed without one.
    freeText: question.kind === 'tool' ? 'optional' : (question.free_text ?? 'none'),
    editable: question.editable ? true : undefined,
    requireWhole: question.require_whole ? true : undefined,
    irreversible: question.effect === 'irreversible' ? true : undefined,
    namedApprovers: question.named_approvers ? true : undefined,
    fields: question.fields && readSchemaFields(question.fields),
    tool: question.kind === 'tool' ? true : undefined,
    run: question.run,
    follows: question.follows,
    requestedBy: question.requested_by,
    approvers: question.approvers,
    channel: question.channel,
    expiresIn: question.expires_in === undefined ? undefined : question.expires_in * 1_000,
    defaultOption: question.default_option,
    renewsLease: question.lease ?? false,
    push: question.callback_url === undefined ? undefined : { url: question.callback_url },
  };
}

/**
 * Reads the output of a question. `text` is Markdown, even if it looks like JSON. The arguments of a tool stay as the program wrote
 * them: JSON in a string stays a string.
 */
function readQuestionOutput(question: QuestionBody, body: string): Output {
  if (question.text !== undefined) return { kind: 'text', text: question.text };
  const source = readMemberTexts(body).get('output');
  if (question.kind === 'tool' && source !== undefined) return { kind: 'json', text: source };
  return readOutput(question.output, source);
}
