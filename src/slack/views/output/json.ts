import type { KnownBlock, RichTextElement } from '@slack/types';
import { type Output, outputText } from '../../../approval/model/output.ts';
import { clean } from '../text/escape.ts';
import { splitText } from '../text/truncate.ts';
import { listFlatMembers } from './flat-json.ts';

export type JsonOutput = Extract<Output, { kind: 'json' }>;

/** Text in a monospaced block, without any markup. */
export function buildPreformatted(text: string): KnownBlock {
  return {
    type: 'rich_text',
    elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }],
  };
}

/** The JSON of an output, indented. Numbers stay as they were written. */
export function formatJson(output: JsonOutput): string {
  return clean(outputText(output));
}

/** A small flat object as lines of name and value; undefined for other JSON. */
export function buildJsonLines(output: JsonOutput): KnownBlock | undefined {
  const members = listFlatMembers(output);
  if (!members) return undefined;
  const elements = members.flatMap(([name, value], index): RichTextElement[] => [
    { type: 'text', text: `${index > 0 ? '\n' : ''}${name}: `, style: { bold: true } },
    { type: 'text', text: value || '–' },
  ]);
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] };
}

/** The beginning of the JSON of an output, at most `max` characters. `cut`: a part is missing. */
export function buildJsonBeginning(output: JsonOutput, max: number): { blocks: KnownBlock[]; cut: boolean } {
  const lines = buildJsonLines(output);
  if (lines) return { blocks: [lines], cut: false };
  const text = formatJson(output);
  const [first = '–'] = splitText(text, max);
  const cut = first.length < text.length;
  return { blocks: [buildPreformatted(cut ? `${first}…` : first)], cut };
}

/** Splits JSON into parts that each fit into one block, at the ends of lines if possible. */
export function splitJson(text: string, max: number): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > max) {
    const end = rest.lastIndexOf('\n', max);
    const [part = ''] = end > max / 2 ? [rest.slice(0, end)] : splitText(rest, max);
    parts.push(part);
    rest = rest.slice(part.length).replace(/^\n/, '');
  }
  return rest === '' ? parts : [...parts, rest];
}
