import type { Market } from './markets.ts';

const CHAPTERS: readonly [title: string, text: (market: Market) => string][] = [
  [
    'Who buys',
    ({ name, share }) =>
      `${name} brings ${share} % of the sales that we plan for the first season. Two thirds of the buyers already own a rain jacket and replace it when a seam leaks; they compare three brands and decide within nine days. One in five buys for somebody else, and asks for the size twice.`,
  ],
  [
    'What they read',
    ({ channel }) =>
      `People here hear of new gear through ${channel} first, and look for a second opinion before they buy. An article brings more visits in its third week than in its first, so the page has to stay up to date until November. What is written by hand is read; what is sent to everyone is not.`,
  ],
  [
    'What we say',
    ({ euros }) =>
      `The jacket costs ${euros} € here. We lead with the nets and let the figures follow: 640 g a jacket, nine harbours, 60 km from the coast to the mill. What we do not say is that it saves the sea: a jacket does not, and the people whom we ask to write about it know that.`,
  ],
  [
    'What it costs',
    ({ share }) =>
      `We spend ${(share * 730).toLocaleString('en')} € in this market, four fifths of it before the first rain. A tenth stays in reserve for the week in which a competitor lowers the price. Pictures are made once for all markets; the words are written again for each of them.`,
  ],
  [
    'What can go wrong',
    ({ name, share }) =>
      `The mill delivers ${(share * 120).toLocaleString('en')} jackets for ${name} by the end of August. If it is two weeks late we move the articles, not the shop date, since the shops have cleared their shelves by then. If the zip is late we say so, and take orders all the same.`,
  ],
  [
    'How we know that it worked',
    ({ channel, share }) =>
      `By the end of October ${10 + share * 2} of a hundred visitors should have come from ${channel}, and one of forty should have bought. If it is less than one of eighty, we change the picture before we change the price. The returns of the first month tell whether the sizes are right.`,
  ],
  [
    'Who decides',
    ({ name }) =>
      `What is said in ${name} is read by somebody who lives there before it is sent, and approved by one person who can still say no on the last day. Prices are decided in Porto, pictures nowhere else than where they are shown, and a correction needs nobody's leave.`,
  ],
];

const WEEKS: readonly [week: number, what: string][] = [
  [30, 'samples go to the first writers, with a note on how the fabric is made'],
  [31, 'the page goes online without a price; whoever asks gets an answer the same day'],
  [32, 'the mill confirms the date, or the articles move'],
  [33, 'the shops get the pictures and the sizes that they ordered'],
  [34, 'the press release goes out on Monday morning, after it was approved'],
  [35, 'the jackets are in the shops from Tuesday on'],
  [36, 'the first rain: the adverts start on the day when it is forecast'],
  [38, 'the reviews are gathered on one page, the bad ones too'],
  [40, 'we look at the returns, size by size'],
  [43, 'we decide what of the reserve is spent'],
];

/** Builds the chapter of a market, in Markdown. */
export function buildChapter(market: Market): string {
  const sections = CHAPTERS.map(([title, text]) => `**${title}.** ${text(market)}`);
  const weeks = WEEKS.map(([week, what]) => `- Week ${week}: ${what}`);
  return `## ${market.name}\n\n${sections.join('\n\n')}\n\n${weeks.join('\n')}`;
}
