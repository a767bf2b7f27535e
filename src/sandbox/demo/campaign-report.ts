const MARKETS = [
  { name: 'Portugal', share: 14, price: 179, channel: 'local press' },
  { name: 'Spain', share: 19, price: 185, channel: 'outdoor magazines' },
  { name: 'France', share: 21, price: 199, channel: 'newsletters' },
  { name: 'Germany', share: 24, price: 205, channel: 'test reports' },
  { name: 'Netherlands', share: 6, price: 195, channel: 'cycling clubs' },
  { name: 'Denmark', share: 4, price: 219, channel: 'design press' },
  { name: 'United Kingdom', share: 9, price: 189, channel: 'podcasts' },
  { name: 'Italy', share: 3, price: 199, channel: 'fashion weeklies' },
];

const CHAPTERS = [
  'Who buys',
  'What they read',
  'What we say',
  'What it costs',
  'What can go wrong',
  'How we know that it worked',
];

/** A report of several pages, one chapter a market. */
export function campaignReport(wish: string | undefined): string {
  const parts = MARKETS.map((market) => {
    const sections = CHAPTERS.map((chapter, at) => `### ${chapter}\n\n${paragraph(market, at)}`);
    return `## ${market.name}\n\n${sections.join('\n\n')}`;
  });
  const note = wish ? `*With this in mind: ${wish.replace(/\s+/g, ' ').slice(0, 600)}*\n\n` : '';
  const rows = MARKETS.map(({ name, share, price }) => `| ${name} | ${share} % | ${price} € |`);
  return `# Tide: the campaign, market by market\n\n${note}| Market | Share | Price |\n|---|---|---|\n${rows.join('\n')}\n\n${parts.join('\n\n')}\n`;
}

function paragraph({ name, share, price, channel }: (typeof MARKETS)[number], chapter: number): string {
  const texts = [
    `${name} brings ${share} % of the sales that we plan for the first season. Two thirds of the buyers already own a rain jacket and replace it when a seam leaks; they compare three brands and decide within nine days.`,
    `People here hear of new gear through ${channel} first, and look for a second opinion before they buy. An article brings more visits in its third week than in its first, so the page has to stay up to date until November.`,
    `The jacket costs ${price} € here. We lead with the nets and let the figures follow: 640 g a jacket, nine harbours, 60 km from the coast to the mill. What we do not say is that it saves the sea.`,
    `We spend ${Math.round(share * 730).toLocaleString('en')} € in this market, four fifths of it before the first rain. A tenth stays in reserve for the week in which a competitor lowers the price.`,
    `The mill delivers ${share * 120} jackets for ${name} by the end of August. If it is two weeks late we move the articles, not the shop date, since the shops have cleared their shelves by then.`,
    `By the end of October ${Math.round(share * 2.6)} of a hundred visitors should have come from ${channel}, and one of forty should have bought. If it is less than one of eighty, we change the picture before we change the price.`,
  ];
  return texts[chapter] ?? '';
}
