import { isBlankText } from '../../../approval/model/output.ts';
import { escapeText } from '../text/escape.ts';
import { convertToMrkdwn } from './mrkdwn.ts';

/** Slack's limit for a section, in characters. */
const SECTION_MAX = 3_000;

/** Converts a section of Markdown to texts that each fit into one block, because escapes make it longer. */
export function convertSection(markdown: string): string[] {
  return splitUntilFits(markdown, convertToMrkdwn);
}

/** The same without conversion, which takes no time. */
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
