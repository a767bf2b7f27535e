import type { KnownBlock, RichTextBlockElement, RichTextText } from '@slack/types';
import type { Output } from '../../../approval/model/output.ts';
import { type Argument, countCharacters, listArguments } from '../../../approval/model/tool-arguments.ts';
import type { Texts } from '../../texts/texts.ts';
import { splitAtWords, truncate } from '../text/truncate.ts';
import { type Beginning, buildLost } from './output-blocks.ts';

/** Characters of a block. Slack documents no limit for rich text; a section holds 3,000. */
const BLOCK_MAX = 2_000;
/** Marks a block that ends within a line, or a missing rest. */
const ELLIPSIS_MARK = '…';

/** An argument, or a part of it, as a block shows it. */
export interface ShownArgument extends Partial<Argument> {
  /** Text before the key, such as "2. ". */
  number?: string;
  /** Set if the value continues from the previous block. */
  isContinued?: true;
}

/** Builds the blocks of arguments: each key in bold, with its value below it. */
export function buildArgumentBlocks(texts: Texts, all: readonly ShownArgument[]): KnownBlock[] {
  return splitArguments(all).map((shown) => buildArgumentsBlock(texts, shown));
}

/**
 * Splits arguments into parts that each fit into a block. Cuts a value that does not fit at the end of a line, else within a
 * line: then the part ends with an ellipsis, so that people see blanks at the cut.
 */
export function splitArguments(all: readonly ShownArgument[]): ShownArgument[][] {
  const parts: ShownArgument[][] = [[]];
  let room = BLOCK_MAX;
  for (const argument of all) {
    const heading = countHeading(argument);
    let rest = argument.value;
    let isContinued = false;
    do {
      const size = heading + (rest?.length ?? 0);
      const isTight = room - heading < BLOCK_MAX / 4;
      if (room < BLOCK_MAX && size > room && (size <= BLOCK_MAX || isTight)) {
        parts.push([]);
        room = BLOCK_MAX;
      }
      const isCut = rest !== undefined && size > room;
      const cut: Cutting = isCut ? cutValue(rest as string, room - heading) : { value: rest };
      const value = cut.value === undefined ? {} : { value: cut.value };
      parts.at(-1)?.push({ ...argument, ...value, ...(isContinued ? { isContinued } : {}) });
      room -= heading + (cut.value?.length ?? 0);
      rest = cut.rest;
      isContinued = true;
    } while (rest !== undefined);
  }
  return parts.filter((part) => part.length > 0);
}

interface Cutting {
  value: string | undefined;
  rest?: string;
}

/** Cuts a value that is longer than `max` characters into its beginning and the rest. */
function cutValue(value: string, max: number): Cutting {
  const end = value.lastIndexOf('\n', max);
  if (end > max / 2 && end + 1 < value.length && !value.slice(0, end).endsWith(ELLIPSIS_MARK))
    return { value: value.slice(0, end), rest: value.slice(end + 1) };
  const [first = ''] = splitAtWords(value.slice(0, 2 * max), max - ELLIPSIS_MARK.length);
  return { value: first + ELLIPSIS_MARK, rest: value.slice(first.length) };
}

const countHeading = ({ number = '', key = '' }: ShownArgument) => number.length + key.length;

export function buildArgumentsBlock(texts: Texts, shown: readonly ShownArgument[]): KnownBlock {
  return { type: 'rich_text', elements: shown.flatMap((one) => buildElements(texts, one)) };
}

function buildElements(
  texts: Texts,
  { number, key, value, isContinued }: ShownArgument,
): RichTextBlockElement[] {
  const heading: RichTextText[] = [];
  const elements: RichTextBlockElement[] = [];
  if (number !== undefined && !isContinued) heading.push({ type: 'text', text: number });
  if (key !== undefined) heading.push({ type: 'text', text: key, style: { bold: true } });
  if (key !== undefined && isContinued)
    heading.push({ type: 'text', text: ` ${texts.card.argumentContinued}` });
  if (heading.length > 0) elements.push({ type: 'rich_text_section', elements: heading });
  if (value !== undefined)
    elements.push({ type: 'rich_text_preformatted', elements: [{ type: 'text', text: value }] });
  return elements;
}

/** Builds the beginning of a tool's arguments, about `max` characters. */
export function buildArgumentsBeginning(texts: Texts, output: Output, max: number): Beginning {
  if (output.kind === 'lost') return buildLost(texts, output);
  const all = listArguments(output);
  const shown: ShownArgument[] = [];
  let seen = 0;
  for (const argument of all) {
    const { key = '', value } = argument;
    const room = max - seen - key.length;
    if (room < SHORTEST_CUT && seen > 0) {
      shown.push({ number: ELLIPSIS_MARK });
      break;
    }
    const part = truncate(value, Math.max(room, SHORTEST_CUT));
    const isWhole = part === value;
    shown.push({ ...argument, value: part });
    seen += key.length + part.length - (isWhole ? 0 : ELLIPSIS_MARK.length);
    if (!isWhole) break;
  }
  const of = countCharacters(all);
  return { blocks: buildArgumentBlocks(texts, shown), cut: seen < of ? { shown: seen, of } : undefined };
}

/** Length of the shortest beginning of a value that is worth showing, in characters. */
const SHORTEST_CUT = 20;
