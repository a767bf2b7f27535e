import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import {
  button,
  closeByEscape,
  describeDemo,
  draft,
  flow,
  messages,
  modal,
  newRun,
  openThread,
  replies,
  requestRevision,
  WIDTHS,
  widthOf,
} from '../support/demo-page.ts';
import { scaleLimit } from '../support/limits.ts';

const SIZES = { desktop: { width: 1280, height: 800 }, phone: WIDTHS.phone };
const DESKTOP = { viewport: SIZES.desktop };
const LOOKS = [
  ['desktop', 'light'],
  ['phone', 'dark'],
] as const;

/** What axe finds on the page as it is now, as "impact rule: element". */
async function findProblems(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>('axe.run({ resultTypes: ["violations"] })');
  return violations.flatMap(({ impact, id, nodes }) => nodes.map(({ html }) => `${impact} ${id}: ${html}`));
}

/** How many `main` landmarks are shown. */
const countMains = (page: Page) =>
  page.evaluate<number>(
    '[...document.querySelectorAll("main, [role=main]")].filter((e) => e.checkVisibility()).length',
  );

/** What has the focus: its label or its text. */
const readFocus = (page: Page) =>
  page.evaluate<string>('document.activeElement.ariaLabel ?? document.activeElement.textContent.trim()');

describeDemo('the page of the demo, for everybody', (open) => {
  test.each(LOOKS)(
    'axe finds nothing, there is one main landmark and nothing is wider than the screen, in the run and in the Flow: %s, %s',
    { timeout: scaleLimit(300_000) },
    async (size, colorScheme) => {
      const page = await open({ viewport: SIZES[size], colorScheme });
      async function check(what: string): Promise<void> {
        expect(await findProblems(page), what).toEqual([]);
        expect(await countMains(page), what).toBe(1);
        expect(await widthOf(page), what).toBeLessThanOrEqual(SIZES[size].width);
      }
      const pane = async (name: string) => {
        if (size === 'phone') await page.locator('#panes').getByRole('link', { name }).click();
      };
      const card = await newRun(page);
      await check('a card');
      await card.getByLabel('More actions').click();
      await check('an open menu');
      await page.keyboard.press('Escape');
      await button(page, 'Request revision').click();
      await modal(page).waitFor();
      await check('a modal');
      await closeByEscape(page);
      await requestRevision(page, 'Shorter, and more formal');
      await openThread(page, card);
      await button(page, 'What changed').click();
      await modal(page).waitFor();
      await check('what changed');
      await closeByEscape(page);
      await check('a thread');
      await page.locator('#sidebar').getByRole('link', { name: 'Crew Approvals' }).click();
      await page.getByRole('button', { name: 'Read in full' }).first().waitFor();
      await check('the Home tab');
      await pane('CrewAI');
      await page.locator('#wire summary').first().click();
      await check('CrewAI');

      await flow(page).getByRole('button', { name: 'Start the Flow' }).click();
      await draft(page, 'Draft 1').and(page.locator('.waiting')).waitFor();
      await check('CrewAI while the Flow asks');
      const run = await flow(page).locator('.run code').first().textContent();
      await pane('Slack');
      await page.locator('#sidebar').getByRole('link', { name: 'approvals' }).first().click();
      const cards = messages(page).and(page.locator(`[data-run="${run}"]`));
      await cards.getByRole('button', { name: 'Rework' }).waitFor();
      await check('the card of the Flow');
      await cards.getByRole('button', { name: 'Other answer…' }).click();
      await modal(page).waitFor();
      await check('another answer');
      await closeByEscape(page);
      await cards.getByRole('button', { name: 'Rework' }).click();
      await openThread(page, cards);
      await button(page, 'Publish').waitFor();
      await check('the next draft in the thread');
      await pane('CrewAI');
      await flow(page).getByRole('button', { name: 'Publish it in the dashboard' }).click();
      await draft(page, 'Result').waitFor();
      await check('CrewAI once the Flow has ended');
      await pane('Slack');
      await button(page, 'Discard').click();
      await replies(page).filter({ hasText: 'CrewAI was no longer waiting for your decision' }).waitFor();
      await check('answered elsewhere');
    },
  );

  test('links in texts are underlined', async () => {
    const page = await open(DESKTOP);
    await newRun(page);
    const links = page.locator('.guide a, main a:not(.x, [role=menuitem])');
    const lines = await links.evaluateAll((all) =>
      all.map((link) => [link.textContent, getComputedStyle(link).textDecorationLine]),
    );
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.filter(([, line]) => line !== 'underline')).toEqual([]);
  });

  test('arrow keys, Home and End move in a menu; Escape closes it and gives the focus back', async () => {
    const page = await open(DESKTOP);
    const card = await newRun(page);
    const menu = card.locator('details.menu:not(.shortcuts)');
    await card.getByLabel('More actions').focus();
    for (const [key, item] of [
      ['ArrowDown', 'Approve with a note'],
      ['ArrowDown', 'Edit and send back…'],
      ['End', 'Close without a decision'],
      ['ArrowDown', 'Approve with a note'],
      ['ArrowUp', 'Close without a decision'],
      ['Home', 'Approve with a note'],
      ['Escape', 'More actions'],
      ['ArrowUp', 'Close without a decision'],
      ['Escape', 'More actions'],
      ['Enter', 'Approve with a note'],
    ] as const) {
      await page.keyboard.press(key);
      await expect.poll(() => readFocus(page)).toBe(item);
      expect((await menu.getAttribute('open')) === null).toBe(item === 'More actions');
    }
    await page.keyboard.press('Tab');
    await expect.poll(() => menu.getAttribute('open')).toBeNull();
    expect(await readFocus(page)).not.toBe('More actions');
  });

  test('an item that is chosen by keyboard opens its modal, where arrow keys choose in a list', async () => {
    const page = await open(DESKTOP);
    const card = await newRun(page);
    await card.getByLabel('More actions').focus();
    for (let presses = 0; presses < 4; presses += 1) await page.keyboard.press('ArrowDown');
    await expect.poll(() => readFocus(page)).toBe('Assign to…');
    await page.keyboard.press('Enter');
    const person = modal(page).getByLabel('Person');
    await person.waitFor();
    const chosen = () => person.evaluate((list: HTMLSelectElement) => list.selectedOptions[0]?.textContent);
    for (const [key, name] of [
      ['ArrowDown', 'Ana'],
      ['ArrowDown', 'Ben'],
      ['End', 'Cat'],
    ] as const) {
      await page.keyboard.press(key);
      expect(await chosen()).toBe(name);
    }
    await page.keyboard.press('Home');
    await closeByEscape(page);
    await expect.poll(() => readFocus(page)).toBe('More actions');
  });

  test('the focus is seen wherever Tab leads', async () => {
    const page = await open(DESKTOP);
    const card = await newRun(page);
    const id = await card.getAttribute('data-ts');
    // The message box shows the focus around itself.
    const look = `(() => {
      const focused = document.activeElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(focused);
      const ring = focused.id === 'box' ? getComputedStyle(focused.parentElement).boxShadow !== 'none' : false;
      const isSeen = ring || (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2);
      return { isEnd: focused === document.body, isSeen, what: focused.outerHTML.slice(0, 120) };
    })()`;
    const unseen: string[] = [];
    const reached: string[] = [];
    for (let presses = 0; presses < 200; presses += 1) {
      await page.keyboard.press('Tab');
      type Seen = { isEnd: boolean; isSeen: boolean; what: string };
      const { isEnd, isSeen, what } = await page.evaluate<Seen>(look);
      if (isEnd) break;
      reached.push(what);
      if (!isSeen) unseen.push(what);
    }
    expect(unseen).toEqual([]);
    for (const part of [`m-${id}`, 'id="box"', 'data-do="crewai_fails"', 'id="start-press"'])
      expect(reached.join('\n')).toContain(part);
  });

  test('each failure button is described by what fails and what comes of it', async () => {
    const page = await open(DESKTOP);
    const buttons = page.locator('#controls .fault button');
    const described = await buttons.evaluateAll((all) =>
      all.map(
        (one) => document.getElementById(one.getAttribute('aria-describedby') ?? '')?.textContent ?? '',
      ),
    );
    expect(described).toHaveLength(7);
    for (const text of described) expect(text).toMatch(/^(CrewAI fails|Slack fails|The bot is killed).{30}/);
  });
});
