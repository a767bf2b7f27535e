import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { NewQuestion } from '../approval/intake/ask-question.ts';
import { findUnseen, isBlankText, nameOutput, type Output, readOutput } from '../approval/model/output.ts';
import type { Fault, Faults } from '../approval/model/run/webhook.ts';
import { writeCall } from '../approval/model/tool-call.ts';
import {
  type BodyRejection,
  canonicalizeJson,
  hasEndlessNumber,
  parseBody,
  readMemberTexts,
} from '../lib/json-text.ts';
import { isObject } from '../lib/own-member.ts';
import { findFieldsFaults, namesPrototype, readSchemaFields } from './fields-schema.ts';
import { findTogetherFaults, listWithFields, type QuestionBody, questionSchema } from './question-schema.ts';

/** No language can represent such a number, and comparing it takes long. */
export const ENDLESS_FAULT = 'has a number with more than 5 digits in its exponent';

/** Reads a question: what is asked, or each field that is missing, wrong or too long. Pure. */
export function readQuestion(
  body: string,
): { question: Omit<NewQuestion, 'id'> } | Faults | { rejection: BodyRejection } {
  const parsed = parseBody(body);
  if ('rejection' in parsed) return parsed;
  if (hasEndlessNumber(body)) return { faults: [{ field: 'output', fault: ENDLESS_FAULT }] };
  const read = questionSchema.safeParse(parsed.value, { reportInput: true });
  const faults = [
    ...(read.error?.issues ?? []).flatMap(listFieldFaults),
    ...findNameFaults(parsed.value),
    ...(read.success ? findTogetherFaults(read.data) : []),
    ...(read.data?.fields ? findFieldsFaults(read.data.fields, readMemberTexts(body).get('fields')) : []),
  ];
  if (!read.success || faults.length > 0) return { faults };
  return { question: buildNewQuestion(read.data, body) };
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
function findNameFaults(given: unknown): Fault[] {
  return isObject(given) && namesPrototype(given.fields)
    ? [{ field: 'fields.properties.__proto__', fault: 'is not a possible name' }]
    : [];
}

function readOptionsOf(given: QuestionBody): NewQuestion['options'] {
  const withFields = listWithFields(given);
  return given.options?.map(({ id: option, label, style, next }) => ({
    id: option,
    label,
    ...(style === undefined || style === 'default' ? {} : { style }),
    ...(next === undefined ? {} : { next }),
    ...(withFields.includes(option) ? { fields: true as const } : {}),
  }));
}

function buildNewQuestion(given: QuestionBody, body: string): Omit<NewQuestion, 'id'> {
  const output = readQuestionOutput(given, body);
  return {
    digest: createHash('sha256').update(canonicalizeJson(body)).digest('hex'),
    title: given.title,
    message: given.message === undefined || isBlankText(given.message) ? undefined : given.message,
    agent: given.agent,
    ...nameOutput(output),
    ...(given.kind === 'tool' ? { call: writeCall(output) } : findUnseen(output)),
    options: readOptionsOf(given),
    // A tool can be blocked with a reason, and is allowed without one.
    freeText: given.kind === 'tool' ? 'optional' : (given.free_text ?? 'none'),
    editable: given.editable ? true : undefined,
    fields: given.fields && readSchemaFields(given.fields),
    tool: given.kind === 'tool' ? true : undefined,
    run: given.run,
    follows: given.follows,
    requestedBy: given.requested_by,
    approvers: given.approvers,
    channel: given.channel,
    expiresIn: given.expires_in === undefined ? undefined : given.expires_in * 1_000,
    defaultOption: given.default_option,
    saysAlive: given.lease ?? false,
    push: given.callback_url === undefined ? undefined : { url: given.callback_url },
  };
}

/** A text is Markdown, whatever it looks like. A text among the arguments of a tool is not taken for the JSON in it. */
function readQuestionOutput(given: QuestionBody, body: string): Output {
  if (given.text !== undefined) return { kind: 'text', text: given.text };
  const source = readMemberTexts(body).get('output');
  if (given.kind === 'tool' && source !== undefined) return { kind: 'json', text: source };
  return readOutput(given.output, source);
}
