import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { galleryHtml, partId } from '../../src/sandbox/gallery/gallery-html.ts';
import { galleryReader } from '../../src/sandbox/gallery/reader.ts';
import { galleryParts } from '../../src/slack/gallery/gallery.ts';
import { describeBrowser, launchBrowser } from '../support/browser.ts';

const FOLDER = 'coverage/pictures';
const parts = galleryParts();

/** The views with something that is wider than they are, except what scrolls by itself. Runs in the page. */
const TOO_WIDE = `[...document.querySelectorAll('.seen')].filter((seen) => {
  const { right } = seen.getBoundingClientRect();
  return [...seen.querySelectorAll('.frame *')].some((element) =>
    !element.closest('.table, .items, .sr') && element.getBoundingClientRect().right > right + 1);
}).map((seen) => seen.dataset.name)`;

describeBrowser('what Slack shows', () => {
  test.each([
    ['desktop', 'light', 1_360],
    ['desktop', 'dark', 1_360],
    ['phone', 'light', 1_280],
    ['phone', 'dark', 1_280],
  ])(
    'is drawn as pictures of a %s, %s, and no view is wider than its frame',
    { timeout: 120_000 },
    async (device, colors, width) => {
      mkdirSync(FOLDER, { recursive: true });
      const browser = await launchBrowser();
      try {
        const page = await browser.newPage({ viewport: { width, height: 900 } });
        await page.setContent(galleryHtml(parts, galleryReader));
        for (const form of [device, colors]) await page.check(`#${form}`);
        for (const { title } of parts) {
          const path = `${FOLDER}/${partId(title)}-${device}-${colors}.png`;
          await page.locator(`#${partId(title)}`).screenshot({ path });
        }
        expect(await page.evaluate(TOO_WIDE)).toEqual([]);
        expect(await page.locator('.unknown').count()).toBe(0);
      } finally {
        await browser.close();
      }
    },
  );
});
