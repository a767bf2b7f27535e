import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { describeBrowser, launchBrowser } from './browser.ts';
import { builtCheckout, type Demo, startDemo } from './demo.ts';
import { scaleLimit } from './limits.ts';
import { joinScreenshots } from './moving-picture.ts';
import { atEnd, share } from './shared.ts';
import { GOES_ON } from './world.ts';

/** Window sizes for looking at the demo's page. */
export const WIDTHS = {
  desktop: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
} as const;

/** Window size for the README's picture. */
export const README_SIZE = { width: 1200, height: 760 };

interface Open {
  (options?: BrowserContextOptions): Promise<Page>;
  /**
   * Starts a separate demo for tests that change the bot or count its requests. `waits`: resolve only once a card
   * waits.
   */
  fresh(options?: string[], waits?: boolean, settings?: Record<string, string>): Promise<Page>;
  browser(): Browser;
  /** The demo that tests share unless they start their own. */
  demo(): Demo;
}

/** `describe` with a browser and a demo. `open`: opens a page on which a card waits. */
export function describeDemo(name: string, body: (open: Open) => void): void {
  const built = builtCheckout();
  describeBrowser(name, { timeout: scaleLimit(300_000) }, () => {
    const shared = share(async () => {
      const browser = await launchBrowser();
      atEnd(() => browser.close());
      return { browser, demo: await startDemo(built()) };
    });
    async function openAt(url: string, options?: BrowserContextOptions): Promise<Page> {
      const page = await openDemo(shared().browser, url, options);
      // An earlier test may have left a modal open.
      await act(page, 'close_modal');
      await modal(page).waitFor({ state: 'hidden' });
      // The first card comes once the bot is up.
      await button(page, 'Approve').waitFor({ timeout: scaleLimit(50_000) });
      return page;
    }
    const open = (options?: BrowserContextOptions) => openAt(shared().demo.url, options);
    const fresh = async (options: string[] = [], waits = true, settings = {}) => {
      const { url } = await startDemo(built(), settings, options);
      return waits ? openAt(url) : openDemo(shared().browser, url);
    };
    body(Object.assign(open, { fresh, browser: () => shared().browser, demo: () => shared().demo }));
  });
}

/** Opens the demo in a page. Any error in the page's console fails the test. */
export async function openDemo(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const page = await browser.newPage({ viewport: WIDTHS.desktop, baseURL: url, ...options });
  page.setDefaultTimeout(scaleLimit(60_000));
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('dialog', (dialog) => {
    complaints.push(`a script ran: ${dialog.message()}`);
    void dialog.dismiss();
  });
  onTestFinished(async ({ task }) => {
    if (task.result?.state === 'fail')
      console.log(page.url(), await page.evaluate<string>('document.body.innerText').catch(String));
    await page.context().close();
    expect(complaints).toEqual([]);
  });
  await page.goto(url);
  return page;
}

/** With UPDATE_PICTURES=1, saves a screenshot in a folder that git ignores. */
export async function picture(page: Page, name: string): Promise<void> {
  if (!process.env.UPDATE_PICTURES) return;
  const path = `coverage/demo/${name}.png`;
  mkdirSync(dirname(path), { recursive: true });
  await page.screenshot({ path, animations: 'disabled' });
}

/** With UPDATE_PICTURES=1, records the moving picture of the README. `shoot`: adds what the page shows now. */
export function recordForReadme(page: Page) {
  const frames: { png: Buffer; seconds: number }[] = [];
  return {
    async shoot(seconds: number): Promise<void> {
      if (!process.env.UPDATE_PICTURES) return;
      frames.push({ png: await page.screenshot({ animations: 'disabled' }), seconds });
    },
    save(): void {
      if (frames.length > 0) writeFileSync('.github/demo.png', joinScreenshots(frames));
    },
  };
}

/** The messages in the channel. */
export const messages = (page: Page) => page.locator('#conversation article');
/** The messages in the open thread. */
export const replies = (page: Page) => page.locator('#thread article');
export const button = (page: Page, name: string) =>
  page
    .locator('article, .home')
    .locator('button')
    .filter({ hasText: new RegExp(`^\\s*${name}\\s*$`), visible: true })
    .last();
export const modal = (page: Page) => page.locator('dialog[open]');
/** The part of the page with the crew that runs by itself. */
export const run = (page: Page) => page.locator('#runs-press');
/** A task of the latest run. */
export const task = (page: Page, name: string) => run(page).locator('.task', { hasText: name }).first();

/** Sends what the page would send for Ana. */
async function act(page: Page, what: 'start_run' | 'start_flow' | 'close_modal'): Promise<void> {
  const headers = { origin: new URL(page.url()).origin };
  const how = what === 'start_run' ? 'press' : undefined;
  await page.request.post('/actions', { headers, data: { do: what, as: 'UANA', channel: '', how } });
}

/**
 * Starts a run, waits until the locator shows another run than before, and returns the cards of that run in the
 * channel.
 */
async function cardsOfNext(page: Page, shownId: Locator, start: () => Promise<void>, waitsFor: string) {
  const id = async () => (await shownId.allTextContents())[0];
  const before = await id();
  await start();
  await expect.poll(id, { interval: 20 }).not.toBe(before);
  const cards = messages(page).and(page.locator(`[data-run="${await id()}"]`));
  await cards.getByRole('button', { name: waitsFor }).waitFor();
  return cards;
}

/** Starts one more run and waits for its first card. Returns the cards of this run in the channel. */
export const newRun = (page: Page): Promise<Locator> =>
  cardsOfNext(page, run(page).locator('.run code'), () => act(page, 'start_run'), 'Approve');

/** The part of the page with the Flow: its drafts and its result. */
export const flow = (page: Page) => page.locator('#flow');
/** A draft of the Flow's latest run, or its result. */
export const draft = (page: Page, name: string) => flow(page).locator('.task', { hasText: name }).first();

/** Starts the Flow once more and waits for its first card. Returns the cards of this run in the channel. */
export const newFlow = (page: Page): Promise<Locator> =>
  cardsOfNext(
    page,
    flow(page).locator('.run code'),
    () => flow(page).getByRole('button', { name: 'Start the Flow' }).click(),
    'Publish',
  );

/** Closes the modal by the keyboard. */
export async function closeByEscape(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await modal(page).waitFor({ state: 'hidden' });
}

/** Waits until a task of the latest run is in this state. */
export const seesTask = (page: Page, name: string, state: 'waiting' | 'done') =>
  task(page, name)
    .and(page.locator(`.${state}`))
    .waitFor();

/** Waits for a card that says who approved it and that the run continued. */
export const seesApproved = (cards: Locator) =>
  cards.filter({ hasText: 'Approved by @Ana' }).filter({ hasText: GOES_ON }).waitFor();

export async function be(page: Page, name: string): Promise<void> {
  await page.locator('#sidebar').getByRole('link', { name }).first().click();
  await page.waitForURL(new RegExp(`as=U${name.toUpperCase()}`));
  await page.locator(`.persona[aria-current]`, { hasText: name }).waitFor();
}

export async function requestRevision(page: Page, feedback: string): Promise<void> {
  await button(page, 'Request revision').click();
  await modal(page).getByLabel('Feedback').fill(feedback);
  await modal(page).getByRole('button', { name: 'Send' }).click();
  await modal(page).waitFor({ state: 'hidden' });
}

/** Types and sends a message in the open channel. */
export async function write(page: Page, text: string): Promise<void> {
  const box = page.getByLabel('Message to #');
  await box.fill(text);
  await box.press('Enter');
}

/** Opens the thread of this card once the card has one. */
export async function openThread(page: Page, card: Locator): Promise<void> {
  await page.locator(`[id="replies-${await card.first().getAttribute('data-ts')}"]`).click();
  await replies(page).first().waitFor();
}

/** Measures the width of the page's content in pixels. */
export const widthOf = (page: Page) => page.evaluate<number>('document.documentElement.scrollWidth');
