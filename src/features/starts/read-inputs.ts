import type { ViewSubmitAction } from '@slack/bolt';
import { isBlankText } from '../../approval/model/output.ts';
import { survivesParsing } from '../../lib/json-text.ts';
import { isObject } from '../../lib/own-member.ts';
import type { Texts } from '../../slack/texts/texts.ts';
import { cleanTyped } from '../../slack/views/text/escape.ts';
import { INPUTS_JSON, inputBlock } from './ids.ts';
import { startsTexts } from './texts.ts';

type View = ViewSubmitAction['view'];
/** `blocks`: show which fields of the form are optional. */
type Form = Pick<View, 'state'> & Partial<Pick<View, 'blocks'>>;
type WithErrors<T> = T | { errors: Record<string, string> };
const PREFIX = inputBlock('');

/**
 * Reads the inputs that a person entered. `errors`: mistakes, by block. `isFlow`: the inputs have types, and `id` is not allowed,
 * since a Flow has its own. Pure.
 */
export function readInputs(
  texts: Texts,
  { state: { values }, blocks = [] }: Form,
  isFlow: boolean,
): WithErrors<{ inputs: Record<string, unknown> }> {
  const json = values[INPUTS_JSON.block]?.[INPUTS_JSON.action];
  if (json) return readJson(texts, cleanTyped(json.value ?? ''), isFlow);
  const optional = new Set(blocks.flatMap((block) => (isOptionalBlock(block) ? [block.block_id] : [])));
  const inputs: [string, unknown][] = [];
  const errors: Record<string, string> = {};
  for (const [block, fields] of Object.entries(values)) {
    if (!block.startsWith(PREFIX)) continue;
    const value = fields.input?.selected_option?.value ?? cleanTyped(fields.input?.value ?? '');
    if (isBlankText(value)) {
      // CrewAI has a default for an input that is left out.
      if (!optional.has(block)) errors[block] = startsTexts(texts).inputMissing;
      continue;
    }
    const input = isFlow ? readFlowValue(value) : value;
    if (input === undefined) errors[block] = startsTexts(texts).notExact;
    inputs.push([block.slice(PREFIX.length), input]);
  }
  return Object.keys(errors).length > 0 ? { errors } : { inputs: Object.fromEntries(inputs) };
}

/** True if this version of the bot can read every field of the form. */
export function hasKnownInputs({ state }: Pick<View, 'state'>): boolean {
  return Object.entries(state.values).every(([block, fields]) =>
    block.startsWith(PREFIX)
      ? 'input' in fields
      : block === INPUTS_JSON.block && INPUTS_JSON.action in fields,
  );
}

function isOptionalBlock(block: View['blocks'][number]): boolean {
  return 'optional' in block && block.optional === true;
}

/**
 * Reads a list or an object from JSON; undefined if parsing changes it. Other text stays text: a Flow reads numbers from text.
 */
function readFlowValue(text: string): unknown {
  const value = /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
  if (value === undefined) return text;
  return survivesParsing(text, value) ? value : undefined;
}

function readJson(
  texts: Texts,
  text: string,
  isFlow: boolean,
): WithErrors<{ inputs: Record<string, unknown> }> {
  const reject = (sentence: string) => ({ errors: { [INPUTS_JSON.block]: sentence } });
  const inputs = parseJson(text.trim() === '' ? '{}' : text);
  if (!isObject(inputs)) return reject(startsTexts(texts).notAnObject);
  if (!survivesParsing(text, inputs)) return reject(startsTexts(texts).notExact);
  return isFlow && Object.hasOwn(inputs, 'id') ? reject(startsTexts(texts).noId) : { inputs };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
