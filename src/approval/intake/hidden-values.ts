import { replaceSecrets } from '../../lib/find-secrets.ts';
import { isJsonText } from '../../lib/json-text.ts';
import type { Approval } from '../model/approval.ts';
import { type Field, type FieldValue, parseValues } from '../model/fields.ts';
import { findUnseen, nameOutput, type Output, readOutput } from '../model/output.ts';
import type { Question, Round } from '../model/round.ts';
import { type WrittenCall, writeCall } from '../model/tool-call.ts';

/** A shorter value is in too many other words. */
const SHORTEST = 4;
const HIDDEN = '…';

/** What people entered into hidden fields of these approvals, as far as it is not erased yet. */
export function listHiddenValues(approvals: Iterable<Pick<Approval, 'rounds'>>): string[] {
  const values = [...approvals].flatMap(({ rounds }) => rounds.flatMap(listHiddenTexts));
  return [...new Set(values)].filter(({ length }) => length >= SHORTEST);
}

function listHiddenTexts({ hidden, question }: Round): string[] {
  return Object.entries(parseValues(hidden?.values)).flatMap(([name, value]) => {
    const choices = question?.fields?.find((field) => field.name === name)?.choices ?? [];
    return listTexts(value).flatMap((text) => [
      ...writeVariants(text),
      ...choices.flatMap((choice) => (choice.value === text ? choice.label : [])),
    ]);
  });
}

function listTexts(value: FieldValue): string[] {
  if (typeof value === 'boolean') return [];
  return Array.isArray(value) ? value : [String(value)];
}

/** A line of a value of several lines is one, such as that of a key. */
const SHORTEST_LINE = 16;

/** Each is looked for in all that the program says. */
const MOST_LINES = 50;

function listLongLines(lines: readonly string[]): string[] {
  return lines
    .map((line) => line.trim())
    .filter(({ length }) => length >= SHORTEST_LINE)
    .slice(0, MOST_LINES);
}

/** A value as programs write it again: with other line ends, without blanks around it, escaped for HTML, line by line. */
function writeVariants(text: string): string[] {
  const trimmed = text.trim();
  const lines = trimmed.split(/\r?\n/);
  const html = trimmed.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  return [
    text,
    trimmed,
    lines.join('\n'),
    lines.join('\r\n'),
    html,
    html.replace(/"/g, '&quot;').replace(/'/g, '&#39;'),
    html.replace(/"/g, '&quot;').replace(/'/g, '&#x27;'),
    html.replace(/"/g, '&#34;').replace(/'/g, '&#39;'),
    ...(lines.length > 1 ? listLongLines(lines) : []),
  ];
}

/** A text that a program wrote, without what people entered into hidden fields. */
export function hideValues(text: string, values: readonly string[]): string {
  return replaceSecrets(text, values, HIDDEN);
}

/** The same of an output. A number in JSON leaves text that is no JSON any more. */
export function hideInOutput(output: Output, values: readonly string[]): Output {
  const text = hideValues(output.text, values);
  if (text === output.text) return output;
  return output.kind === 'json' && isJsonText(text) ? { ...output, text } : readOutput(text);
}

/** What a program says in a question. */
interface Said {
  message?: string | undefined;
  options?: Question['options'];
  fields?: Question['fields'];
  agent?: string | undefined;
  output: Output;
  unseen?: number;
  call?: WrittenCall;
}

function hideInField({ default: begins, ...field }: Field, values: readonly string[]): Field {
  const hide = (text: string) => hideValues(text, values);
  const { title, description, choices } = field;
  const isShown = begins !== undefined && hide(JSON.stringify(begins)) === JSON.stringify(begins);
  return {
    ...field,
    ...(title === undefined ? {} : { title: hide(title) }),
    ...(description === undefined ? {} : { description: hide(description) }),
    ...(choices ? { choices: choices.map(({ value, label }) => ({ value, label: hide(label) })) } : {}),
    ...(isShown ? { default: begins } : {}),
  };
}

/** From so many characters on a title is known to repeat a value: it names the rules, so it is never changed. */
const SHORTEST_IN_TITLE = 8;

/** Whether the title of a question has something that people entered into hidden fields. */
export function repeatsHidden(title: string, values: readonly string[]): boolean {
  const long = values.filter(({ length }) => length >= SHORTEST_IN_TITLE);
  return hideValues(title, long) !== title;
}

/** A question without what was entered into hidden fields of its run. `repeats`: it had some of it. */
export function hideInQuestion<T extends Said>(asked: T, values: readonly string[]): T & { repeats?: true } {
  const hide = <Text extends string | undefined>(text: Text) =>
    (text === undefined ? undefined : hideValues(text, values)) as Text;
  const output = hideInOutput(asked.output, values);
  const hidden = {
    ...asked,
    message: hide(asked.message),
    agent: hide(asked.agent),
    ...(asked.options
      ? {
          options: asked.options.map((option) => ({
            ...option,
            label: hide(option.label),
            ...(option.next === undefined ? {} : { next: hide(option.next) }),
          })),
        }
      : {}),
    ...(asked.fields ? { fields: asked.fields.map((field) => hideInField(field, values)) } : {}),
  };
  if (output === asked.output) return hidden;
  const { unseen: _, call: __, ...rest } = hidden;
  return {
    ...rest,
    ...nameOutput(output),
    ...(asked.call ? { call: writeCall(output) } : findUnseen(output)),
    repeats: true,
  } as T & { repeats: true };
}
