import type { ViewSubmitAction } from '@slack/bolt';
import { isBlankText, survivesParsing } from '../../../approval/model/output.ts';
import { INPUTS_JSON, inputBlock } from '../../app/ids.ts';
import { INPUT_MISSING, NO_ID, NOT_AN_OBJECT, NOT_EXACT } from '../../views/runs/start-sentences.ts';

type Values = ViewSubmitAction['view']['state']['values'];
const PREFIX = inputBlock('');

/** What a person gave in the form of a run; or what is wrong, by block. `isFlow`: of a Flow, whose id is its own. Pure. */
export function readInputs(
  values: Values,
  isFlow: boolean,
): { inputs: Record<string, unknown> } | { errors: Record<string, string> } {
  const json = values[INPUTS_JSON.block]?.[INPUTS_JSON.action];
  if (json) return readJson(json.value ?? '', isFlow);
  const inputs: [string, string][] = [];
  const errors: Record<string, string> = {};
  for (const [block, fields] of Object.entries(values)) {
    if (!block.startsWith(PREFIX)) continue;
    const value = fields.input?.selected_option?.value ?? fields.input?.value ?? '';
    if (isBlankText(value)) errors[block] = INPUT_MISSING;
    inputs.push([block.slice(PREFIX.length), value]);
  }
  return Object.keys(errors).length > 0 ? { errors } : { inputs: Object.fromEntries(inputs) };
}

function readJson(
  text: string,
  isFlow: boolean,
): { inputs: Record<string, unknown> } | { errors: Record<string, string> } {
  const wrong = (sentence: string) => ({ errors: { [INPUTS_JSON.block]: sentence } });
  const inputs = parseJsonObject(text.trim() === '' ? '{}' : text);
  if (!inputs) return wrong(NOT_AN_OBJECT);
  if (!survivesParsing(text, inputs) || Object.hasOwn(inputs, '__proto__')) return wrong(NOT_EXACT);
  return isFlow && 'id' in inputs ? wrong(NO_ID) : { inputs };
}

function parseJsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
