import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { AskedQuestion } from '../approval/intake/ask-question.ts';
import { APPROVE, REVISE } from '../approval/lifecycle/questions.ts';
import { isApproverId, isRequester } from '../approval/model/crew/slack-ids.ts';
import { isWebhookUrl } from '../approval/model/crew/webhook-urls.ts';
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
import { readPlainUrl } from '../lib/plain-url.ts';
import { fieldsSchema, findFieldsFaults, namesPrototype, readSchemaFields } from './fields-schema.ts';

const LONGEST_ID = 255;
/** Ten years, in seconds. */
const LONGEST_TIME = 10 * 366 * 24 * 60 * 60;

const textOf = (most: number) =>
  z
    .string('must be a text')
    .max(most, `must be at most ${most} characters long`)
    .refine((given) => given.isWellFormed(), 'must be well-formed Unicode');
const visible = (most: number) => textOf(most).refine((given) => !isBlankText(given), 'must not be blank');
const id = visible(LONGEST_ID);
const optionalFlag = z.boolean('must be true or false').optional();

const CALLBACK_FAULT =
  'must be an http:// or https:// URL in ASCII with a plain host, without a user name, password and fragment';

function isCallableUrl(given: string): boolean {
  return isWebhookUrl(given) && readPlainUrl(given) !== undefined && !given.includes('#');
}

const optionSchema = z.strictObject(
  {
    id: visible(64),
    label: visible(250),
    style: z.enum(['primary', 'danger', 'default'], 'must be primary, danger or default').optional(),
    next: visible(100).optional(),
    fields: optionalFlag,
  },
  'must be an object with an id and a label',
);

const questionSchema = z.strictObject({
  title: visible(300),
  text: textOf(1_000_000).optional(),
  output: z.unknown().optional(),
  message: textOf(10_000).optional(),
  agent: visible(300).optional(),
  options: z
    .array(optionSchema, 'must be a list of options')
    .min(1, 'must be at least 1')
    .max(100, 'must be at most 100')
    .refine((all) => new Set(all.map((one) => one.id)).size === all.length, 'must each have an id of its own')
    .optional(),
  free_text: z.enum(['none', 'optional', 'required'], 'must be none, optional or required').optional(),
  editable: optionalFlag,
  fields: fieldsSchema.optional(),
  kind: z.enum(['question', 'tool'], 'must be question or tool').optional(),
  run: id.optional(),
  follows: id.optional(),
  requested_by: textOf(255).refine(isRequester, 'must be a Slack user ID or an email address').optional(),
  approvers: z
    .array(
      z.custom<string>(isApproverId, 'must be the ID of a Slack user or user group'),
      'must be a list of IDs',
    )
    .max(100, 'must be at most 100')
    .optional(),
  channel: visible(100).optional(),
  expires_in: z
    .number('must be a number of seconds between 1 and ten years')
    .min(1, 'must be at least 1')
    .max(LONGEST_TIME, 'must be at most ten years')
    .optional(),
  default_option: id.optional(),
  lease: optionalFlag,
  callback_url: textOf(2_000).refine(isCallableUrl, CALLBACK_FAULT).optional(),
});
type Given = z.output<typeof questionSchema>;

/** A tool runs only if it is allowed. */
const TOOL_IDS = ['allow', 'block'];

/** Such a number has no value in any language, and takes long to compare. */
export const ENDLESS_FAULT = 'has a number with more than 5 digits in its exponent';

/** Reads a question: what is asked, or each field that is missing, wrong or too long. Pure. */
export function readQuestion(
  body: string,
): { question: Omit<AskedQuestion, 'id'> } | Faults | { rejection: BodyRejection } {
  const parsed = parseBody(body);
  if ('rejection' in parsed) return parsed;
  if (hasEndlessNumber(body)) return { faults: [{ field: 'output', fault: ENDLESS_FAULT }] };
  const read = questionSchema.safeParse(parsed.value, { reportInput: true });
  const faults = [
    ...(read.error?.issues ?? []).flatMap(listFieldFaults),
    ...findNameFaults(parsed.value),
    ...(read.success ? findTogetherFaults(read.data, body) : []),
  ];
  if (!read.success || faults.length > 0) return { faults };
  return { question: buildAsked(read.data, body) };
}

/** What is wrong with a field of a body from a program, parsed with `reportInput`. */
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

/** Fields that are right alone and not together. */
function findTogetherFaults(given: Given, body: string): Fault[] {
  const { default_option: byDefault, kind, fields } = given;
  const isTool = kind === 'tool';
  const ids = given.options?.map((option) => option.id) ?? (isTool ? TOOL_IDS : [APPROVE, REVISE]);
  const checks: [isWrong: boolean, field: string, fault: string][] = [
    [
      given.text === undefined && given.output === undefined,
      'text',
      'is missing: a question has a text or an output',
    ],
    [given.text !== undefined && given.output !== undefined, 'output', 'must not stand beside text'],
    [byDefault !== undefined && !ids.includes(byDefault), 'default_option', 'is not the id of an option'],
    [isTool && ids.toSorted().join() !== TOOL_IDS.join(), 'options', 'of a tool must be allow and block'],
    [isTool && byDefault === 'allow', 'default_option', 'of a tool can only be block'],
    [isTool && given.editable === true, 'editable', 'is not possible for a tool'],
    [isTool && fields !== undefined, 'fields', 'is not possible for a tool'],
    [given.editable === true && fields !== undefined, 'fields', 'must not stand beside editable'],
    [
      fields !== undefined && byDefault !== undefined && listWithFields(given).includes(byDefault),
      'default_option',
      'must be an option without fields: nobody enters them at the deadline',
    ],
    [
      fields !== undefined && given.options?.every((option) => option.fields === false) === true,
      'options',
      'take no fields, but the question has some',
    ],
    [
      fields === undefined && given.options?.some((option) => option.fields) === true,
      'options',
      'have fields, but the question has none',
    ],
  ];
  return [
    ...checks.flatMap(([isWrong, field, fault]) => (isWrong ? [{ field, fault }] : [])),
    ...(fields ? findFieldsFaults(fields, readMemberTexts(body).get('fields')) : []),
  ];
}

/** Parsing loses a property `__proto__`. */
function findNameFaults(given: unknown): Fault[] {
  return isObject(given) && namesPrototype(given.fields)
    ? [{ field: 'fields.properties.__proto__', fault: 'is not a possible name' }]
    : [];
}

/** The ids of the options that need the fields: those that say so, else the first. */
function listWithFields({ options, fields }: Given): string[] {
  if (fields === undefined) return [];
  const [first] = options ?? [];
  const marked = options?.filter((option) => option.fields).map((option) => option.id) ?? [];
  return marked.length > 0 ? marked : [first?.id ?? APPROVE];
}

function readOptionsOf(given: Given): AskedQuestion['options'] {
  const withFields = listWithFields(given);
  return given.options?.map(({ id: option, label, style, next }) => ({
    id: option,
    label,
    ...(style === undefined || style === 'default' ? {} : { style }),
    ...(next === undefined ? {} : { next }),
    ...(withFields.includes(option) ? { fields: true as const } : {}),
  }));
}

function buildAsked(given: Given, body: string): Omit<AskedQuestion, 'id'> {
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
function readQuestionOutput(given: Given, body: string): Output {
  if (given.text !== undefined) return { kind: 'text', text: given.text };
  const source = readMemberTexts(body).get('output');
  if (given.kind === 'tool' && source !== undefined) return { kind: 'json', text: source };
  return readOutput(given.output, source);
}
