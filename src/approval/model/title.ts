import { isBlankText, type Output } from './output.ts';

const LONGEST = 80;
/** Usual keys of an object's title. */
const TITLE_KEYS = ['title', 'headline', 'subject', 'name'];

/** Title of a pause whose task is not known: the first heading or line of its output, never an id; blank without any. Pure. */
export function titleOfOutput(output: Output): string {
  const line = output.kind === 'json' ? titleInJson(JSON.parse(output.text)) : firstLine(output.text);
  const short = line.length > LONGEST ? `${line.slice(0, LONGEST).toWellFormed().trimEnd()}…` : line;
  return isBlankText(short) ? '' : short;
}

function firstLine(text: string): string {
  const lines = text
    .slice(0, 4_000)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /[\p{L}\p{N}]/u.test(line));
  const heading = lines.find((line) => /^#{1,6}\s/.test(line));
  return (heading ?? lines[0] ?? '')
    .replace(/[*_`~]+/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^(?:(?:#{1,6}|[-+>]|\d{1,9}[.)]) )+/, '');
}

function titleInJson(value: unknown): string {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return '';
  const texts = Object.entries(value).filter(
    (member): member is [string, string] => typeof member[1] === 'string',
  );
  for (const wanted of TITLE_KEYS) {
    const title = firstLine(texts.find(([key]) => key.toLowerCase() === wanted)?.[1] ?? '');
    if (title !== '') return title;
  }
  return firstLine(texts[0]?.[1] ?? '');
}
