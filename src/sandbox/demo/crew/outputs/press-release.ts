import type { Writer } from '../feedback/revise.ts';
import type { Tone } from '../feedback/wishes.ts';

const TITLES = [
  'Northwind makes a rain jacket from old fishing nets',
  'Caught at sea, worn in the rain: the Tide jacket',
];

const OPENINGS: Readonly<Record<Tone, string>> = {
  plain:
    '**Porto, 24 August.** Outdoor maker Northwind today presents *Tide*, a rain jacket whose fabric is spun from fishing nets collected in nine harbours between Vigo and Faro.',
  warm: '**Porto, 24 August.** Meet *Tide*: our friends in nine harbours between Vigo and Faro gave us their old fishing nets, and today we are happy to show you the rain jacket that we made from them.',
  formal:
    '**Porto, 24 August.** Northwind, manufacturer of outdoor clothing, announces the release of *Tide*, a rain jacket. Its fabric is produced from fishing nets that were collected in nine harbours between Vigo and Faro.',
};

const QUOTES: Readonly<Record<Tone, string>> = {
  plain:
    '“We wanted a jacket that leaves the sea cleaner than it found it”, says Inês Rocha, head of design.',
  warm: '“I grew up by this sea, and I want my children to find it cleaner than I did”, says Inês Rocha, head of design.',
  formal:
    '“The aim of the design was a jacket that reduces the waste in the sea”, states Inês Rocha, head of design.',
};

const BACKGROUND =
  'Every year some 640,000 tonnes of nets are left in the sea. Northwind pays fishing crews for each kilo that they bring ashore; a mill in Guimarães melts, spins and weaves it within 60 km of the coast.';
const DETAILS =
  'Tide comes in eight sizes and two colours, sea green and slate. A workshop in Porto replaces a zip or a sleeve within a week; it opens and closes every seam without new fabric. The first 3,000 jackets use the nets of one winter.';
const SALE = 'in shops and online from 1 September';
const FACTS = [
  'one jacket takes 640 g of nets out of the sea',
  'waterproof to 20,000 mm, repaired free of charge for ten years',
];
const BACKGROUND_SOURCE =
  '640,000 tonnes per year: UNEP, FAO: *Abandoned, lost or otherwise discarded fishing gear* (2009)';
const SOURCES = [
  '640 g per jacket: scales of the mill in Guimarães, 12 June',
  '20,000 mm: test of the fabric by ISO 811, report 2026-118',
];
const CONTACT = 'Press contact: [northwind.example/press](https://northwind.example/press)';

/** Writes the press release, in Markdown. */
export const pressRelease: Writer = {
  possibleWishes: ['shorter', 'longer', 'price', 'sources', 'title', 'tone'],
  parts: ['quote', 'background', 'details', 'contact'],
  lengths: { shortest: -2, longest: 1 },
  write({ length, price, hasSources, title, tone, parts }) {
    const hasBackground = parts.background ?? length >= 0;
    return [
      `# ${TITLES[title % TITLES.length]}`,
      OPENINGS[tone],
      ...(hasBackground ? [BACKGROUND] : []),
      ...((parts.details ?? length > 0) ? [DETAILS] : []),
      // The shortest release has no quote. In others, the quote separates changing paragraphs when versions are compared.
      ...((parts.quote ?? length > -2) ? [`> ${QUOTES[tone]}`] : []),
      bulletList([price === undefined ? SALE : `${price}, ${SALE}`, ...FACTS]),
      ...(hasSources
        ? ['**Sources**', bulletList([...(hasBackground ? [BACKGROUND_SOURCE] : []), ...SOURCES])]
        : []),
      ...((parts.contact ?? true) ? [CONTACT] : []),
    ].join('\n\n');
  },
};

function bulletList(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}
