import type { Writer } from '../feedback/revise.ts';
import { MARKETS } from './markets.ts';
import { buildChapter } from './report-chapters.ts';

/** Number of chapters after one request for a shorter report. A second request removes them all. */
const CHAPTERS_OF_SHORT_REPORT = 3;
const TITLES = ['Tide: the campaign, market by market', 'Where Tide is sold, and how'];
const SOURCES = ['- sales of 2025 by country', '- survey of 2,400 buyers, May 2026'].join('\n');

/** Writes a report of several pages, one chapter per market. */
export const campaignReport: Writer = {
  possibleWishes: ['shorter', 'title', 'price', 'sources'],
  parts: MARKETS.map(({ name }) => name),
  lengths: { shortest: -2, longest: 0 },
  write({ length, title, price, hasSources, parts }) {
    const markets = MARKETS.filter(({ name }) => parts[name] ?? true);
    const chapters = { [-1]: CHAPTERS_OF_SHORT_REPORT, [-2]: 0 }[length] ?? markets.length;
    const rows = markets.map(({ name, share, euros }) => `| ${name} | ${share} % | ${euros} € |`);
    return [
      `# ${TITLES[title % TITLES.length]}`,
      ...(price === undefined ? [] : [`Recommended price: ${price}`]),
      ['| Market | Share | Price |', '|---|---|---|', ...rows].join('\n'),
      ...markets.slice(0, chapters).map(buildChapter),
      ...(hasSources ? ['**Sources**', SOURCES] : []),
    ].join('\n\n');
  },
};
