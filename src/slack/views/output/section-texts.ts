import { isBlankText } from '../../../approval/model/output.ts';
import { escapeText } from '../text/escape.ts';
import { convertToMrkdwn } from './mrkdwn.ts';

const SECTION_MAX = 3000;

/** A section of Markdown as texts that each fit into one block: escapes make it longer. */
export function convertSection(markdown: string): string[] {
  return splitUntilFits(markdown, (part) => {
    const converted = convertToMrkdwn(part);
    // What the conversion would hide is shown as it is written.
    return countLetters(converted) < countLetters(part) ? escapeText(part) : converted;
  });
}

/** The same as it is written: it takes no time. */
export function escapeSection(markdown: string): string[] {
  return splitUntilFits(markdown, (part) => escapeText(part));
}

function splitUntilFits(markdown: string, write: (part: string) => string): string[] {
  if (isBlankText(markdown)) return [];
  const text = write(markdown);
  if (text.length <= SECTION_MAX) return [text];
  const points = [...markdown];
  const half = Math.ceil(points.length / 2);
  return [points.slice(0, half), points.slice(half)].flatMap((part) => splitUntilFits(part.join(''), write));
}

function countLetters(text: string): number {
  return text.replace(/&(?:amp|lt|gt);/g, '').match(/[\p{L}\p{N}]/gu)?.length ?? 0;
}
