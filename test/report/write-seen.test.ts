import { expect, test } from 'vitest';
import type { Seen } from '../../src/approval/model/seen.ts';
import { writeSeen } from '../../src/report/write-seen.ts';

const drawn = { language: 'en', hash: 'text:1' } as const;
const part = { shown: 1_494, of: 60_000 };

test.each<[Seen, string]>([
  [{ place: 'card', ...drawn }, 'Decided on the card, which showed all of the output.'],
  [
    { place: 'card', ...drawn, part, asked: true },
    'Decided on the card, which showed 1,494 of 60,000 characters. Slack asked the person to confirm that.',
  ],
  [
    { place: 'home', form: true, ...drawn, part, asked: true },
    'Decided in a form that was opened on the Home tab, which showed 1,494 of 60,000 characters. The form asked the person to confirm that.',
  ],
  [{ place: 'list', ...drawn, part }, 'Decided in a list, which showed 1,494 of 60,000 characters.'],
  [{ place: 'look_up', ...drawn }, 'Decided in a look-up, which showed all of the output.'],
  [{ place: 'several', ...drawn }, 'Decided in Decide several, which showed all of the output.'],
  [
    { place: 'last_page', ...drawn, pages: 12 },
    'Decided below the last page of Read in full, which had 12 pages. All were opened.',
  ],
  [
    { place: 'thread', form: true, language: 'en' },
    'Decided in a form that was opened on a reply in the thread, which does not show the output.',
  ],
  [
    { place: 'card', ...drawn, part: { shown: 0, of: 0 } },
    'Decided on the card, which did not show the output: it was lost.',
  ],
  [{ place: 'card' }, 'Decided on the card. An earlier version drew it, so what it showed was not recorded.'],
])('the report says of %o', (seen, sentence) => {
  expect(writeSeen(seen)).toBe(sentence);
});
