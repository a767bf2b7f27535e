import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { buildAnchor, buildGalleryPage } from '../gallery/page.ts';
import { listGalleryParts } from '../gallery/parts.ts';
import { describeBrowser, launchBrowser } from '../support/browser.ts';
import { scaleLimit } from '../support/limits.ts';

const parts = listGalleryParts();
const TIME = { timeout: scaleLimit(120_000) };

/** The views with something that is wider than they are, except what scrolls by itself. Runs in the page. */
const TOO_WIDE = `[...document.querySelectorAll('.seen')].filter((seen) => {
  const { right } = seen.getBoundingClientRect();
  return [...seen.querySelectorAll('.frame *')].some((element) =>
    !element.closest('.table, .items, .sr') && element.getBoundingClientRect().right > right + 1);
}).map((seen) => seen.dataset.name)`;

/** The words of rich text that begin in one line and end in another. Runs in the page. */
const BROKEN_WORDS = `[...document.querySelectorAll('.rich')].flatMap((rich) => {
  const texts = document.createTreeWalker(rich, NodeFilter.SHOW_TEXT);
  const broken = [];
  while (texts.nextNode()) {
    for (const { index, 0: word } of texts.currentNode.data.matchAll(/[\\p{L}\\p{N}]+/gu)) {
      const range = document.createRange();
      range.setStart(texts.currentNode, index);
      range.setEnd(texts.currentNode, index + word.length);
      if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) broken.push(word);
    }
  }
  return broken;
})`;

/** With UPDATE_PICTURES=1, in a folder that git ignores. */
async function keepPictures(page: Page, form: string): Promise<void> {
  if (!process.env.UPDATE_PICTURES) return;
  for (const { title } of parts) {
    const anchor = buildAnchor(title);
    await page.locator(`#${anchor}`).screenshot({ path: `coverage/pictures/${anchor}-${form}.png` });
  }
}

describeBrowser('what Slack shows', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  async function openPage(shown = parts, viewport = { width: 1_360, height: 900 }) {
    const page = await browser.newPage({ viewport });
    onTestFinished(() => page.close());
    await page.setContent(buildGalleryPage(shown));
    return page;
  }

  test('has no view that is wider than its frame, on a desktop or a phone, light or dark', TIME, async () => {
    const page = await openPage();
    for (const width of ['desktop', 'phone'])
      for (const colors of ['light', 'dark']) {
        await page.check(`#${width}`);
        await page.check(`#${colors}`);
        await keepPictures(page, `${width}-${colors}`);
        expect(await page.evaluate(TOO_WIDE), `${width}, ${colors}`).toEqual([]);
      }
  });

  test.each([
    ['desktop', 520],
    ['phone', 390],
  ])('shows modals on a %s %i pixels wide, beside the index, from the top', TIME, async (form, width) => {
    const page = await openPage();
    expect(await page.evaluate('scrollY')).toBe(0);
    expect(await page.getByRole('navigation', { name: 'Index' }).isVisible()).toBe(true);
    await page.check(`#${form}`);
    const widths = await page.evaluate(
      `[...document.querySelectorAll('.frame:has(.modal)')].map((frame) => frame.getBoundingClientRect().width)`,
    );
    expect([...new Set(widths as number[])]).toEqual([width]);
  });

  test('keeps each word of a comparison in one line, and its spaces', TIME, async () => {
    const text = (said: string, style?: object) => ({ type: 'text', text: said, style });
    const elements = Array.from({ length: 30 }, () => [
      text('waterproof'),
      text(' fishermen', { strike: true }),
      text(' Guimarães', { bold: true }),
      text(' to  20,000 mm'),
    ]);
    const section = { type: 'rich_text_section', elements: elements.flat() };
    const blocks = [{ type: 'rich_text', elements: [section] }];
    const view = { kind: 'message' as const, name: 'a comparison', message: { text: '', blocks } };
    const page = await openPage([{ title: 'Changes', views: [view] }], { width: 390, height: 844 });
    expect(await page.evaluate(BROKEN_WORDS)).toEqual([]);
    expect((await page.locator('.rich').allInnerTexts()).join()).toContain('Guimarães to  20,000 mm');
  });
});
