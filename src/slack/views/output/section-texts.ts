import { isBlankText } from '../../../approval/model/output.ts';
import { escaped } from '../text/escape.ts';
import { mrkdwn } from './mrkdwn.ts';

const SECTION_MAX = 3000;

/** A section of Markdown as texts that each fit into one block: escapes make it longer. */
export function sectionTexts(markdown: string): string[] {
  return textsOf(markdown, (part) => {
    const converted = mrkdwn(part);
    // What the conversion would hide is shown as it is written.
    return lettersIn(converted) < lettersIn(part) ? escaped(part) : converted;
  });
}

/** The same as it is written: it takes no time. */
export function plainSectionTexts(markdown: string): string[] {
  return textsOf(markdown, (part) => escaped(part));
}

function textsOf(markdown: string, write: (part: string) => string): string[] {
  if (isBlankText(markdown)) return [];
  const text = write(markdown);
  if (text.length <= SECTION_MAX) return [text];
  const points = [...markdown];
  const half = Math.ceil(points.length / 2);
  return [points.slice(0, half), points.slice(half)].flatMap((part) => textsOf(part.join(''), write));
}

function lettersIn(text: string): number {
  return text.replace(/&(?:amp|lt|gt);/g, '').match(/[\p{L}\p{N}]/gu)?.length ?? 0;
}
