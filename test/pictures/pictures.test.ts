import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PAGE_CSS } from '../../src/sandbox/page/page-css.ts';
import { describeBrowser, launchBrowser } from '../support/browser.ts';
import { scenes } from './scenes.ts';

const FOLDER = 'coverage/pictures';

describeBrowser('what Slack shows', () => {
  test.each([
    ['phone', 390],
    ['desktop', 900],
  ])(
    'is drawn as pictures at the width of a %s, and nothing in it is wider',
    { timeout: 120_000 },
    async (device, width) => {
      mkdirSync(FOLDER, { recursive: true });
      const browser = await launchBrowser();
      try {
        const page = await browser.newPage({ viewport: { width, height: 400 } });
        for (const [name, html] of Object.entries(scenes)) {
          await page.setContent(
            `<!doctype html><meta charset="utf-8"><style>${PAGE_CSS}</style><body>${html}`,
          );
          const path = `${FOLDER}/${name.replace(/[^a-z0-9]+/g, '-')}-${device}.png`;
          await page.screenshot({ path, fullPage: true });
          const wide = await page.evaluate('document.documentElement.scrollWidth');
          expect(wide, name).toBeLessThanOrEqual(width);
          expect(await page.locator('.unknown').count(), name).toBe(0);
        }
      } finally {
        await browser.close();
      }
    },
  );
});
