import { mkdirSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { galleryHtml, partId } from '../../src/sandbox/gallery/gallery-html.ts';
import { galleryReader } from '../../src/sandbox/gallery/reader.ts';
import { listGalleryParts } from '../../src/slack/gallery/gallery.ts';
import { describeBrowser, launchBrowser } from '../support/browser.ts';

const FOLDER = 'coverage/pictures';
const parts = listGalleryParts();
const TIME = { timeout: 120_000 };

/** The views with something that is wider than they are, except what scrolls by itself. Runs in the page. */
const TOO_WIDE = `[...document.querySelectorAll('.seen')].filter((seen) => {
  const { right } = seen.getBoundingClientRect();
  return [...seen.querySelectorAll('.frame *')].some((element) =>
    !element.closest('.table, .items, .sr') && element.getBoundingClientRect().right > right + 1);
}).map((seen) => seen.dataset.name)`;

describeBrowser('what Slack shows', () => {
  let browser: Browser;
  beforeAll(async () => {
    mkdirSync(FOLDER, { recursive: true });
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  test.each([
    ['desktop', 'light'],
    ['desktop', 'dark'],
    ['phone', 'light'],
    ['phone', 'dark'],
  ])('is drawn as pictures of a %s, %s, and no view is wider than its frame', TIME, async (...form) => {
    const page = await browser.newPage({ viewport: { width: 1_360, height: 900 } });
    await page.setContent(galleryHtml(parts, galleryReader));
    for (const choice of form) await page.check(`#${choice}`);
    for (const { title } of parts) {
      const path = `${FOLDER}/${[partId(title), ...form].join('-')}.png`;
      await page.locator(`#${partId(title)}`).screenshot({ path });
    }
    expect(await page.evaluate(TOO_WIDE)).toEqual([]);
    await page.close();
  });
});
