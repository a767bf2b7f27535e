import { readOutput } from '../../approval/model/output.ts';

/** Outputs of a crew that writes press releases, one for each way in which an output is shown. */
export const RELEASE = readOutput(
  `# Spring collection in recycled linen

**Lisbon, 3 March.** Our spring collection is made from *recycled linen*, woven in Guimarães.

- 14 pieces, from shirts to a trench coat
- prices from 79 €
- in shops on 20 March

> "We wanted linen to feel new again", says Inês Rocha, head of design.

More at [the press room](https://example.com/press).`,
);

export const SHORTER_RELEASE = readOutput(
  `# Spring collection in recycled linen

**Lisbon, 3 March.** Our spring collection is recycled linen, woven in Guimarães.

- 14 pieces, from shirts to a trench coat
- prices from 69 €
- in shops on 20 March

More at [the press room](https://example.com/press).`,
);

export const LONG_REPORT = readOutput(
  Array.from(
    { length: 120 },
    (_, index) =>
      `## Chapter ${index + 1}\n\n${'The market for linen has grown in each of the last five years. '.repeat(6)}`,
  ).join('\n\n'),
);

export const REPORT_WITH_TABLE = readOutput(
  `# Campaign report, week 9

| Channel | Budget | Clicks | Cost per click |
|---|---:|---:|---:|
| Newsletter | 1,200 € | 4,310 | 0.28 € |
| Search | 6,400 € | 12,087 | 0.53 € |
| Social | 3,900 € | 5,140 | 0.76 € |

Search brings the most visitors. \`utm_source\` is missing on every third link.

\`\`\`sql
SELECT channel, SUM(clicks) FROM visits GROUP BY channel;
\`\`\`

1. Move 1,000 € from social to search.
2. Fix the links.`,
);

export const FLAT_JSON = readOutput({
  title: 'Launch budget',
  total_eur: 18500,
  approved: false,
  owner: 'Marketing',
  formula: '2*3*4',
});

export const JSON_ROWS = readOutput([
  { item: 'Photographer', days: 2, eur: 2400 },
  { item: 'Studio', days: 2, eur: 1800 },
  { item: 'Models', days: 1, eur: 3200 },
]);

export const NESTED_JSON = readOutput({
  campaign: { name: 'Spring', regions: ['PT', 'ES'], budget: { eur: 18500, spent: 0.35 } },
  posts: [{ network: 'Instagram', text: 'Linen, *again*.', link: '[x](http://example.com)' }],
});

export const CHANGED_NESTED_JSON = readOutput({
  campaign: { name: 'Spring', regions: ['PT', 'ES', 'FR'], budget: { eur: 19500, spent: 0.35 } },
  posts: [{ network: 'Instagram', text: 'Linen, *again*.', link: '[x](http://example.com)' }],
});

export const LONG_JSON = readOutput(
  Array.from({ length: 120 }, (_, index) => ({
    post: index + 1,
    tags: ['linen', 'spring'],
    likes: index * 7,
  })),
);

export const ONE_LINE = readOutput('Headline: *Linen, again*');
export const BLANK = readOutput(' \n\t\n');
