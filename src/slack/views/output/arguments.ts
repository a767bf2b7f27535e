import type { KnownBlock, RichTextBlockElement, RichTextText } from '@slack/types';
import type { Output } from '../../../approval/model/output.ts';
import { type Argument, countCharacters, listArguments } from '../../../approval/model/tool-arguments.ts';
import type { Texts } from '../../texts/texts.ts';
import { splitAtWords, truncate } from '../text/truncate.ts';
import { type Beginning, buildLost } from './output-blocks.ts';

/** Characters of a block. Slack documents no limit for rich text; a section holds 3,000. */
const BLOCK_MAX = 2_000;
/** Marks a block that ends within a line, or a missing rest. */
const ELLIPSIS = '…';

/** An argument, or a part of it, as a block shows it. */
export interface ShownArgument extends Partial<Argument> {
  /** Text before the key, such as "2. ". */
  number?: string;
  /** Set if the value continues from the previous block. */
  isContinued?: true;
}

/** Builds the blocks of arguments: each key in bold, with its value below it. */
export function buildArgumentBlocks(texts: Texts, shownArguments: readonly ShownArgument[]): KnownBlock[] {
  return splitArguments(shownArguments).map((part) => buildArgumentsBlock(texts, part));
}

/**
 * Splits arguments into parts that each fit into a block. Cuts a value that does not fit at the end of a line, else within a
 * line: then the part ends with an ellipsis, so that people see blanks at the cut.
 */
export function splitArguments(shownArguments: readonly ShownArgument[]): ShownArgument[][] {
  const parts: ShownArgument[][] = [[]];
  let room = BLOCK_MAX;
  for (const argument of shownArguments) {
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
  if (end > max / 2 && end + 1 < value.length && !value.slice(0, end).endsWith(ELLIPSIS))
    return { value: value.slice(0, end), rest: value.slice(end + 1) };
  const [first = ''] = splitAtWords(value.slice(0, 2 * max), max - ELLIPSIS.length);
  return { value: first + ELLIPSIS, rest: value.slice(first.length) };
}

const countHeading = ({ number = '', key = '' }: ShownArgument) => number.length + key.length;

export function buildArgumentsBlock(texts: Texts, part: readonly ShownArgument[]): KnownBlock {
  return { type: 'rich_text', elements: part.flatMap((argument) => buildElements(texts, argument)) };
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
  const allArguments = listArguments(output);
  const shownArguments: ShownArgument[] = [];
  let shownLength = 0;
  for (const argument of allArguments) {
    const { key = '', value } = argument;
    const room = max - shownLength - key.length;
    if (room < SHORTEST_BEGINNING && shownLength > 0) {
      shownArguments.push({ number: ELLIPSIS });
      break;
    }
    const part = truncate(value, Math.max(room, SHORTEST_BEGINNING));
    const isWhole = part === value;
    shownArguments.push({ ...argument, value: part });
    shownLength += key.length + part.length - (isWhole ? 0 : ELLIPSIS.length);
    if (!isWhole) break;
  }
  const of = countCharacters(allArguments);
  return {
    blocks: buildArgumentBlocks(texts, shownArguments),
    cut: shownLength < of ? { shown: shownLength, of } : undefined,
  };
}

/** Length of the shortest beginning of a value that is worth showing, in characters. */
const SHORTEST_BEGINNING = 20;
