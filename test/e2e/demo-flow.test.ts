import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { describeBrowser, launchBrowser } from '../support/browser.ts';
import { builtCheckout, type Demo, startDemo } from '../support/demo.ts';
import {
  act,
  be,
  button,
  draft,
  flow,
  messages,
  modal,
  newFlow,
  openDemo,
  openThread,
  picture,
  replies,
  WIDTHS,
  widthOf,
} from '../support/demo-page.ts';

const built = builtCheckout();

/** Long, and seldom what a change breaks. */
const inCi = test.runIf(process.env.CI);

describeBrowser('the Flow of the demo, in a browser', { timeout: 60_000 }, () => {
  let browser: Browser;
  let demo: Demo;
  beforeAll(async () => {
    browser = await launchBrowser();
    const ends: (() => Promise<void>)[] = [];
    demo = await startDemo(built.folder, {}, (end) => ends.push(end));
    return async () => {
      for (const end of ends) await end();
    };
  });
  afterAll(() => browser.close());

  async function open(options: Parameters<typeof openDemo>[2] = {}) {
    const page = await openDemo(browser, demo.url, options);
    // What a test before left open.
    await act(page, 'close_modal');
    await modal(page).waitFor({ state: 'hidden' });
    await button(page, 'Approve').waitFor();
    return page;
  }

  test('waits for its button; the terminal and the page say what to try', async () => {
    const page = await open();
    await page.getByText('A crew waits for you: approve its output').waitFor();
    expect(await messages(page).filter({ hasText: 'The Flow asks' }).count()).toBe(0);
    await expect.poll(() => demo.printed.join('\n')).toContain('Then press “Start the Flow”');
    expect(demo.printed.join('\n')).toContain('approve its output, or request a revision');
    await newFlow(page);
    await page.getByRole('link', { name: 'The Flow asks you: Publish ends it' }).waitFor();
  });

  test('Publish ends it with a result; its callback is on the wire without its token', async () => {
    const page = await open();
    const card = await newFlow(page);
    for (const text of ['Shall this newsletter go out', 'Answer by', 'Without an answer: Discard'])
      await card.getByText(text).waitFor();
    expect(await card.locator('.actions .button').allInnerTexts()).toEqual([
      'Publish',
      'Rework',
      'Discard',
      'Other answer…',
      '⋯',
    ]);
    await picture(page, 'flow card');
    await card.getByRole('button', { name: 'Publish' }).click();
    await draft(page, 'Result').getByText('was sent to 12,480 subscribers').waitFor();
    await card
      .filter({ hasText: 'Publish chosen by @Ana' })
      .filter({ hasText: 'CrewAI accepted it' })
      .waitFor();
    expect(await flow(page).locator('.run .status').textContent()).toBe('completed');
    const callback = page.locator('.entry.bot', { hasText: '/respond' }).first();
    const request = (await callback.locator('pre').first().textContent()) ?? '';
    expect(request).toMatch(/\/respond\?token=•••\n/);
    expect(JSON.parse(request.slice(request.indexOf('{')))).toEqual({ feedback: 'Publish', source: 'slack' });
    expect(await callback.locator('pre').last().textContent()).toContain('"status": "accepted"');
    const webhook = page.locator('.entry.CrewAI', { hasText: '/webhooks/newsletter/flow' }).first();
    expect(await webhook.locator('pre').first().textContent()).toContain('"response_token": "•••"');
    await page.getByText('A crew waits for you').waitFor();
    await picture(page, 'flow published');
  });

  test('Rework brings another draft as round 2 in the thread; Discard ends it', async () => {
    const page = await open();
    const card = await newFlow(page);
    await card.getByRole('button', { name: 'Rework' }).click();
    await card.filter({ hasText: '(round 2)' }).getByRole('button', { name: 'Publish' }).waitFor();
    await openThread(page, card);
    const second = replies(page).filter({ hasText: '(round 2)' });
    await second.getByText('This follows the answer Rework of @Ana').waitFor();
    await second.getByText('It costs 189 €').waitFor();
    await draft(page, 'Draft 2').and(page.locator('.waiting')).waitFor();
    await button(page, 'What changed').click();
    await modal(page).locator('b', { hasText: '189' }).first().waitFor();
    await page.keyboard.press('Escape');
    await modal(page).waitFor({ state: 'hidden' });
    await picture(page, 'flow round 2');
    await second.getByRole('button', { name: 'Discard' }).click();
    await draft(page, 'Result').getByText('nothing was sent').waitFor();
    await replies(page).filter({ hasText: 'Discard chosen by @Ana' }).waitFor();
  });

  test('an answer in own words brings another draft that says how it was read', async () => {
    const page = await open();
    const card = await newFlow(page);
    await card.getByRole('button', { name: 'Other answer…' }).click();
    await modal(page).getByRole('textbox', { name: 'Answer' }).fill('Shorter, please');
    await modal(page).getByRole('button', { name: 'Send' }).click();
    await modal(page).waitFor({ state: 'hidden' });
    await openThread(page, card);
    const second = replies(page).filter({ hasText: '(round 2)' });
    await second.getByText('This follows the answer of @Ana').waitFor();
    await second.getByText('counts as Rework').waitFor();
    await second.getByRole('button', { name: 'Publish' }).click();
    await draft(page, 'Result').waitFor();
  });

  test('once it is answered in CrewAI’s dashboard, whoever chooses on its card is told', async () => {
    const page = await open();
    const card = await newFlow(page);
    await flow(page).getByRole('button', { name: 'Publish it in the dashboard' }).click();
    await draft(page, 'Draft 1').getByText('“Publish”, in CrewAI’s dashboard').waitFor();
    await draft(page, 'Result').getByText('was sent to').waitFor();
    await flow(page)
      .getByRole('button', { name: 'Publish it in the dashboard' })
      .waitFor({ state: 'hidden' });
    await page.getByRole('link', { name: 'CrewAI has an answer to the Flow already.' }).click();
    await card.getByRole('button', { name: 'Discard' }).click();
    await card.filter({ hasText: "answered in CrewAI's dashboard" }).waitFor();
    const callback = page.locator('.entry.bot', { hasText: '/respond' }).first();
    expect(await callback.locator('.outcome').textContent()).toBe('409');
    await picture(page, 'flow answered elsewhere');
    await openThread(page, card);
    await replies(page).filter({ hasText: 'CrewAI was no longer waiting for your decision' }).waitFor();
    await page.getByText('A crew waits for you').waitFor();
  });

  test('who may not approve is told so, alone, and the Flow still waits', async () => {
    const page = await open();
    const card = await newFlow(page);
    await be(page, 'Cat');
    await page.getByText('Cat may not approve: try it').waitFor();
    await card.getByRole('button', { name: 'Publish' }).click();
    const refusal = messages(page).filter({ hasText: 'Only visible to you' });
    await refusal.getByText(texts.refusals.decide.not_approver).waitFor();
    await be(page, 'Ben');
    await draft(page, 'Draft 1').and(page.locator('.waiting')).waitFor();
    await card.getByRole('button', { name: 'Discard' }).click();
    await card.filter({ hasText: 'Discard chosen by @Ben' }).waitFor();
  });

  test('on a phone nothing is wider than the screen, in Slack and in CrewAI', async () => {
    const page = await open({ viewport: WIDTHS.phone, colorScheme: 'dark', hasTouch: true });
    const pane = (name: string) => page.locator('#panes').getByRole('link', { name }).click();
    await pane('CrewAI');
    await flow(page).getByRole('button', { name: 'Start the Flow' }).click();
    await draft(page, 'Draft 1').and(page.locator('.waiting')).waitFor();
    await flow(page).scrollIntoViewIfNeeded();
    await picture(page, 'phone, flow in CrewAI');
    expect(await widthOf(page)).toBe(WIDTHS.phone.width);
    await pane('Slack');
    await button(page, 'Rework').waitFor();
    await picture(page, 'phone, flow card');
    expect(await widthOf(page)).toBe(WIDTHS.phone.width);
    await button(page, 'Discard').click();
    await messages(page).filter({ hasText: 'Discard chosen by @Ana' }).last().waitFor();
  });

  inCi('started before the bot is ready, it asks once the bot is', async () => {
    const page = await openDemo(browser, (await startDemo(built.folder)).url);
    await act(page, 'start_flow');
    await button(page, 'Publish').waitFor();
    await page.locator('.bot-state.running').waitFor();
  });

  inCi('what fails at the next decision fails for the Flow too, and its answer arrives once', async () => {
    const page = await open();
    const card = await newFlow(page);
    await page.getByRole('button', { name: 'Answer 503, twice' }).click();
    await page.getByText('CrewAI fails at 2 more attempts').waitFor();
    await card.getByRole('button', { name: 'Publish' }).click();
    await card.filter({ hasText: "CrewAI isn't ready." }).waitFor();
    await card.filter({ hasText: 'CrewAI accepted it' }).waitFor();
    const outcomes = page.locator('.entry.bot', { hasText: '/respond' }).locator('.outcome');
    expect((await outcomes.allTextContents()).slice(0, 3)).toEqual(['200', '503', '503']);
    await page.locator('.left').waitFor({ state: 'detached' });
  });

  inCi('kill -9 in the middle of a Rework: the next draft is asked once the bot is back', async () => {
    const page = await openDemo(browser, (await startDemo(built.folder)).url);
    await button(page, 'Approve').waitFor();
    const card = await newFlow(page);
    await page.getByRole('button', { name: 'Kill it during the next decision' }).click();
    await page.getByText('Armed: the bot is killed at the next decision').waitFor();
    await card.getByRole('button', { name: 'Rework' }).click();
    await page.locator('.bot-state.down').waitFor();
    await page.locator('.bot-state.running').waitFor();
    await card
      .filter({ hasText: 'Rework chosen by @Ana' })
      .filter({ hasText: 'CrewAI accepted it' })
      .waitFor();
    await openThread(page, card);
    await replies(page).filter({ hasText: '(round 2)' }).getByRole('button', { name: 'Publish' }).waitFor();
    expect(await draft(page, 'Draft 1').textContent()).toContain('“Rework”, in Slack');
  });
});
