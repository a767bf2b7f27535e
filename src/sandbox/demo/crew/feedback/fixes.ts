import type { Fix } from './wishes.ts';

/** How people ask for other words; `from` and `to` can stand in either order. */
const ASKED = [
  /\b(?:replace|change|correct) (?<from>.+?) (?:with|by|to|into) (?<to>[^,;]+?)(?=[,;]|\s+and\s|$)/i,
  /^(?<from>.+?) (?:should|must) (?:be|read|say) (?<to>[^,;]+?)(?=[,;]|\s+and\s|$)/i,
  /\bnot (?<from>.+?),? but (?<to>[^,;]+?)(?=[,;]|\s+and\s|$)/i,
  /[^,;]*?\b(?:use|say|write|is|be|it['’]s) (?<to>\S+(?: \S+){0,3}?),? (?:instead of|rather than|not) (?<from>[^,;]+?)(?=[,;]|\s+and\s|$)/i,
  /^(?<to>\S+(?: \S+){0,3}?),? (?:instead of|rather than|not) (?<from>[^,;]+?)(?=[,;]|\s+and\s|$)/i,
];
const AROUND = /^(?:the (?:name|number|word|date) )?[“"'‘]?(.+?)[”"'’]?[.!,]?$/i;

/** The words to replace, if the sentence asks for that and `text` has them; `others`: what else it asks for. */
export function readFix(sentence: string, text: string): { fix?: Fix; others: string } {
  for (const asked of ASKED) {
    const found = asked.exec(sentence);
    if (!found) continue;
    const fix = { from: strip(found.groups?.from), to: strip(found.groups?.to) };
    // "Germany should be 210 €" means the price of Germany, which is more than this program understands.
    if (/\d/.test(fix.from) === /\d/.test(fix.to) && applyFix(text, fix) !== text)
      return { fix, others: sentence.replace(found[0], '') };
  }
  return { others: sentence };
}

/** An output with other words; JSON that would not be JSON any more stays. */
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
  return AROUND.exec(words.trim())?.[1] ?? '';
}
