import type { Fix } from './wishes.ts';

/** Patterns of requests to replace words; `from` and `to` come in either order. */
const REPLACE_REQUESTS = [
  /\b(?:replace|change|correct) (?<from>.+?) (?:with|by|to|into) (?<to>[^,;]+?)(?=[,;]|\s+and\s|$)/i,
  /^(?<from>.+?) (?:should|must) (?:be|read|say) (?<to>[^,;]+?)(?=[,;]|\s+and\s|$)/i,
  /\bnot (?<from>.+?),? but (?<to>[^,;]+?)(?=[,;]|\s+and\s|$)/i,
  /[^,;]*?\b(?:use|say|write|is|be|it['’]s) (?<to>\S+(?: \S+){0,3}?),? (?:instead of|rather than|not) (?<from>[^,;]+?)(?=[,;]|\s+and\s|$)/i,
  /^(?<to>\S+(?: \S+){0,3}?),? (?:instead of|rather than|not) (?<from>[^,;]+?)(?=[,;]|\s+and\s|$)/i,
];
const QUOTED_WORDS = /^(?:the (?:name|number|word|date) )?[“"'‘]?(.+?)[”"'’]?[.!,]?$/i;

/** Finds the words to replace, if the sentence asks for a replacement in `text`. `others`: the rest of the sentence. */
export function readFix(sentence: string, text: string): { fix?: Fix; others: string } {
  for (const pattern of REPLACE_REQUESTS) {
    const match = pattern.exec(sentence);
    if (!match) continue;
    const fix = { from: strip(match.groups?.from), to: strip(match.groups?.to) };
    // "Germany should be 210 €" means the price of Germany, which is more than this program understands.
    if (/\d/.test(fix.from) === /\d/.test(fix.to) && applyFix(text, fix) !== text)
      return { fix, others: sentence.replace(match[0], '') };
  }
  return { others: sentence };
}

/** Replaces words in an output. An object stays unchanged if the result would not be JSON. */
export function applyFixes<T extends string | object>(output: T, fixes: readonly Fix[]): T {
  if (typeof output === 'string') return fixes.reduce(applyFix, output as string) as T;
  try {
    return JSON.parse(fixes.reduce(applyFix, JSON.stringify(output))) as T;
  } catch {
    return output;
  }
}

function applyFix(text: string, { from, to }: Fix): string {
  if (from === '') return text;
  const words = from.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return text.replace(new RegExp(`(?<![\\p{L}\\d])${words}(?![\\p{L}\\d])`, 'giu'), () => to);
}

function strip(words = ''): string {
  return QUOTED_WORDS.exec(words.trim())?.[1] ?? '';
}
