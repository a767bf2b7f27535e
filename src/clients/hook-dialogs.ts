// What a coding agent shows to the person at its terminal beside permissions: its own questions, its plans, and the forms of MCP
// servers. Each becomes questions to people, or none at all if one of them could not be shown exactly.
import type { PersonAnswer, ProgramQuestion } from './client.ts';
import { type HookEvent, writeElicitationResult, writeHookDecision } from './hook-decisions.ts';
import { isJsonObject, type JsonObject } from './json-object.ts';
import { judgeCall } from './tool-calls.ts';

/** The dialogs, by the option of the hook that switches them on. */
export const DIALOGS = {
  questions: 'AskUserQuestion',
  plans: 'ExitPlanMode',
  forms: 'Elicitation',
} as const;
export type DialogKind = keyof typeof DIALOGS;

export interface Dialog {
  /** The questions to ask; people must answer all of them. */
  questions: readonly ProgramQuestion[];
  /** Writes what the hook prints for the answers, in the order of the questions; undefined: nothing. */
  write: (answers: readonly PersonAnswer[]) => string | undefined;
}

/** Why a dialog is not asked in Slack; the message is one sentence. */
export class NotAsked extends Error {}

/** Finds the dialog that a payload is about; undefined: none. */
export function findDialogKind({
  hook_event_name: event,
  tool_name: tool,
}: JsonObject): DialogKind | undefined {
  if (event === DIALOGS.forms) return 'forms';
  return (['questions', 'plans'] as const).find((kind) => DIALOGS[kind] === tool);
}

/** Reads a dialog of an agent. `payload`: no key in it stands twice. Throws NotAsked. */
export function readDialog(kind: DialogKind, payload: JsonObject, agentName: string): Dialog {
  const { hook_event_name: event, tool_input: input } = payload;
  if (kind === 'forms') return readElicitation(payload, agentName);
  if (event !== 'PreToolUse' && event !== 'PermissionRequest')
    throw new NotAsked(`${DIALOGS[kind]} is not answered at ${JSON.stringify(event)}.`);
  if (!isJsonObject(input)) throw new NotAsked(`${DIALOGS[kind]} has no tool_input.`);
  return kind === 'plans' ? readPlan(event, input) : readAgentQuestions(event, input);
}

/** A plan is a tool call that people allow or block. Without the same input, Claude Code ignores that it was allowed. */
function readPlan(event: HookEvent, input: JsonObject): Dialog {
  if (typeof input.plan !== 'string' || input.plan.trim() === '')
    throw new NotAsked('The plan is not in the call of ExitPlanMode.');
  return {
    questions: [{ kind: 'tool', title: DIALOGS.plans, output: input, require_whole: true }],
    write([answer]) {
      const verdict = answer?.by ? judgeCall(answer) : undefined;
      if (!verdict) return undefined;
      const { allowed, reason } = verdict;
      return writeHookDecision(
        event,
        allowed ? { kind: 'allow', reason, updatedInput: input } : { kind: 'deny', reason },
      );
    },
  };
}

/** The people at a terminal would be the user only, and would see all of it. */
const ASKED_WHOLE = { named_approvers: true, require_whole: true };
const OTHER = 'other';
const SOMETHING_ELSE = 'Something else';
/** Characters without a shape: control characters, line breaks, marks of direction, parts that have no width. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/u;
const CHOOSE = 'choose';

interface AgentQuestion {
  question: string;
  header: string;
  multiSelect: boolean;
  options: { label: string; description: string; preview: string }[];
}

function readAgentQuestions(event: HookEvent, input: JsonObject): Dialog {
  const questions = Array.isArray(input.questions) ? input.questions.map(readAgentQuestion) : [];
  if (questions.length === 0) throw new NotAsked('AskUserQuestion has no questions.');
  // The answers are named by the texts of their questions.
  if (new Set(questions.map(({ question }) => question)).size < questions.length)
    throw new NotAsked('Two questions have the same text, so their answers could not be told apart.');
  return {
    questions: questions.map(buildQuestion),
    write(answers) {
      const texts = questions.map((question, index) => writeChosenText(question, answers[index]));
      if (texts.some((text) => text === undefined)) return undefined;
      const named = Object.fromEntries(questions.map(({ question }, index) => [question, texts[index]]));
      // Notes beside the answers would look like the person's, who did not see them.
      const updatedInput = { ...input, answers: named, annotations: undefined };
      return writeHookDecision(event, { kind: 'allow', reason: 'People answered in Slack.', updatedInput });
    },
  };
}

function readAgentQuestion(value: unknown): AgentQuestion {
  const { question, header, multiSelect = false, options } = isJsonObject(value) ? value : {};
  const readOptions = (Array.isArray(options) ? options : []).map((option: unknown) => {
    const { label, description = '', preview = '' } = isJsonObject(option) ? option : {};
    if (!isText(label) || typeof description !== 'string' || typeof preview !== 'string')
      throw new NotAsked('An option of AskUserQuestion has an unknown form.');
    return { label, description, preview };
  });
  if (!isText(question) || typeof multiSelect !== 'boolean' || readOptions.length === 0)
    throw new NotAsked('A question of AskUserQuestion has an unknown form.');
  const labels = readOptions.map(({ label }) => label);
  if (labels.some((label) => UNSEEN.test(label)))
    throw new NotAsked(`An option of "${question}" has characters that people cannot see.`);
  const shownLabels = (multiSelect ? labels : [...labels, SOMETHING_ELSE]).map(normalizeLabel);
  if (new Set(shownLabels).size < shownLabels.length)
    throw new NotAsked(`Two options of "${question}" look the same.`);
  // Several chosen labels are one text with commas.
  if (multiSelect && labels.some((label) => label.includes(',')))
    throw new NotAsked(`An option of "${question}" has a comma, so several could not be told apart.`);
  return { question, header: isText(header) ? header : 'Question', multiSelect, options: readOptions };
}

function buildQuestion({ question, header, multiSelect, options }: AgentQuestion): ProgramQuestion {
  const listedOptions = options.flatMap(({ label, description, preview }) => [
    `- **${escapeInline(label)}**${isLine(description) ? `: ${escapeInline(description)}` : ''}`,
    ...[isLine(description) ? '' : description, preview].filter((text) => text !== '').map(fenceExactly),
  ]);
  const common = {
    title: header,
    text: [escapeMarkdown(question), listedOptions.join('\n')].join('\n\n'),
    ...ASKED_WHOLE,
  };
  if (multiSelect)
    return {
      ...common,
      options: [{ id: CHOOSE, label: 'Choose', style: 'primary', fields: true }],
      free_text: 'optional',
      fields: {
        type: 'object',
        properties: {
          choices: {
            type: 'array',
            title: header,
            items: { enum: options.map(({ label }) => label) },
            minItems: 1,
          },
        },
        required: ['choices'],
      },
    };
  return {
    ...common,
    options: [
      ...options.map(({ label }, index) => ({ id: String(index), label, fields: false })),
      { id: OTHER, label: SOMETHING_ELSE, fields: true },
    ],
    fields: {
      type: 'object',
      properties: { text: { type: 'string', title: 'Your answer', maxLength: 3_000 } },
      required: ['text'],
    },
  };
}

/** Writes the answer to one question as the agent's own dialog would. Text that a person wrote names its writer. */
function writeChosenText({ multiSelect, options }: AgentQuestion, answer?: PersonAnswer): string | undefined {
  if (!answer?.by) return undefined;
  const { option, by, fields = {}, text, seen = [] } = answer;
  const writeOwn = (own: string, writer: string) => `${own} (written in Slack by ${writer})`;
  // Others agreed to the values that the first voter entered.
  if (!multiSelect && option === OTHER)
    return typeof fields.text === 'string' ? writeOwn(fields.text, seen[0]?.by ?? by) : undefined;
  if (!multiSelect) return options.find((_, index) => String(index) === option)?.label;
  const { choices } = fields;
  if (option !== CHOOSE || !Array.isArray(choices)) return undefined;
  return [...choices, ...(text === '' ? [] : [writeOwn(text, by)])].join(', ');
}

function readElicitation(payload: JsonObject, agentName: string): Dialog {
  const { mcp_server_name: server, message, mode = 'form', requested_schema: schema } = payload;
  if (mode !== 'form') throw new NotAsked(`An elicitation of the mode ${JSON.stringify(mode)} is not asked.`);
  if (!isText(server) || !isText(message) || !isJsonObject(schema))
    throw new NotAsked('The elicitation has an unknown form.');
  const { properties, required = [] } = schema;
  const hasFields = !isJsonObject(properties) || Object.keys(properties).length > 0;
  if (!hasFields && JSON.stringify(required) !== '[]')
    throw new NotAsked('The elicitation requires fields that it does not have.');
  const question: ProgramQuestion = {
    title: `Form of ${server}`,
    message: `The MCP server ${escapeInline(server)} asks through ${agentName}. It gets what you enter: do not enter passwords or other secrets.`,
    text: quoteLines(message),
    options: [
      { id: 'accept', label: 'Send', style: 'primary', fields: hasFields },
      { id: 'decline', label: 'Decline', style: 'danger', fields: false },
    ],
    ...(hasFields ? { fields: schema } : {}),
    ...ASKED_WHOLE,
  };
  return {
    questions: [question],
    write([answer]) {
      if (!answer?.by) return undefined;
      const { option, fields = {} } = answer;
      if (option === 'accept') return writeElicitationResult({ action: 'accept', content: fields });
      return option === 'decline' ? writeElicitationResult({ action: 'decline' }) : undefined;
    },
  };
}

/** Writes labels that look the same in the same way. */
function normalizeLabel(label: string): string {
  return label.normalize('NFKC').replace(/\s+/g, ' ').trim().toLowerCase();
}

function isLine(text: string): boolean {
  return text !== '' && !/[\r\n]/.test(text);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

/**
 * A URL: Markdown makes a link of it, in which a backslash is part of the target. The scheme has a limit: without one, the time
 * for a long word grows with the square of its length.
 */
const URLS = /((?:[a-z][a-z\d+.-]{0,30}:\/\/|www\.)\S+)/i;

/** Writes a text so that Markdown shows each of its characters. URLs become code, and indented text a block of code. */
function escapeMarkdown(text: string): string {
  return /^(?: {4}| {0,3}\t)/m.test(text) ? fenceExactly(text) : escapeInline(text);
}

function escapeInline(text: string): string {
  return text
    .split(URLS)
    .map((part, index) => (index % 2 === 1 ? writeCode(part) : escapePart(part)))
    .join('');
}

function escapePart(text: string): string {
  return text
    .replace(/[\\`*_~[\]<>#|!&]/g, '\\$&')
    .replace(/^([^\S\r\n\u2028\u2029]*)([-+=:])/gm, '$1\\$2')
    .replace(/^([^\S\r\n\u2028\u2029]*\d+)([.)])/gm, '$1\\$2');
}

function writeCode(text: string): string {
  const marks = '`'.repeat(findLongestMarks(text) + 1);
  const space = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${marks}${space}${text}${space}${marks}`;
}

function quoteLines(text: string): string {
  return escapeMarkdown(text)
    .split(/\r\n|\r|\n/)
    .map((line) => `> ${line}`)
    .join('\n');
}

function fenceExactly(text: string): string {
  const marks = '`'.repeat(Math.max(3, findLongestMarks(text) + 1));
  return `${marks}\n${text}\n${marks}`;
}

function findLongestMarks(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, { length }) => Math.max(longest, length), 0);
}
