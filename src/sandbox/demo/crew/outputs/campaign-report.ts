import type { Writer } from '../feedback/revise.ts';
import { MARKETS } from './markets.ts';
import { noteLines } from './note.ts';
import { nameMarket, REPORT_TEXTS } from './report-texts.ts';

/** How many chapters a report has that was asked to be shorter. */
const CHAPTERS_OF_A_SHORT_ONE = 3;

/** Writes a report of several pages, one chapter per market. */
export const campaignReport: Writer = {
  follows: ['shorter', 'price', 'sources', 'language'],
  lengths: { shortest: -2, longest: 0 },
  write({ length, price, hasSources, language }, note) {
    const texts = REPORT_TEXTS[language];
    const rows = MARKETS.map(
      (market) => `| ${nameMarket(market, language)} | ${market.share} % | ${market.euros} € |`,
    );
    const chapters = { [-1]: CHAPTERS_OF_A_SHORT_ONE, [-2]: 0 }[length] ?? MARKETS.length;
    return [
      `# ${texts.title}`,
      ...(price === undefined ? [] : [`${texts.recommended}: ${price}`]),
      [`| ${texts.columns.join(' | ')} |`, '|---|---|---|', ...rows].join('\n'),
      ...MARKETS.slice(0, chapters).map(texts.chapter),
      ...(hasSources
        ? [`**${texts.sourcesTitle}**`, texts.sources.map((source) => `- ${source}`).join('\n')]
        : []),
      ...noteLines(note),
    ].join('\n\n');
  },
};
