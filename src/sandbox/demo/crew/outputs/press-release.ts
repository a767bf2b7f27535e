import type { Writer } from '../feedback/revise.ts';
import { noteLines } from './note.ts';
import { RELEASE_TEXTS } from './press-release-texts.ts';

/** Writes the press release, in Markdown. */
export const pressRelease: Writer = {
  follows: ['shorter', 'longer', 'price', 'sources', 'headline', 'language'],
  lengths: { shortest: -2, longest: 1 },
  write({ length, price, hasSources, headline, language }, note) {
    const texts = RELEASE_TEXTS[language];
    const sale = price === undefined ? texts.sale : `${price}, ${texts.sale}`;
    const hasBackground = length >= 0;
    const sources = hasBackground ? texts.sources : texts.sources.slice(1);
    return [
      `# ${texts.headlines[headline % texts.headlines.length]}`,
      texts.opening,
      ...(hasBackground ? [texts.background] : []),
      ...(length > 0 ? [texts.details] : []),
      // The shortest release has no quote. The quote keeps the paragraphs that change apart in a comparison.
      ...(length > -2 ? [`> ${texts.quote}`] : []),
      bulletList([sale, ...texts.facts]),
      ...(hasSources ? [`**${texts.sourcesTitle}**`, bulletList(sources)] : []),
      texts.contact,
      ...noteLines(note),
    ].join('\n\n');
  },
};

function bulletList(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}
