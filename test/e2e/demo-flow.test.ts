import { expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/texts.ts';
import {
  be,
  button,
  closeByEscape,
  describeDemo,
  draft,
  flow,
  messages,
  modal,
  newFlow,
  openThread,
  picture,
  replies,
} from '../support/demo-page.ts';
import { scaleLimit } from '../support/limits.ts';
import { NEWEST, pythonOf } from '../support/self-hosted.ts';

/** Long, and seldom what a change breaks. */
const inCi = test.runIf(process.env.CI);
const REFUSED = texts.refusals.decide.not_approver;

describeDemo('the Flow of the demo, in a browser', (open) => {
  test('waits for its button; the terminal and the page say what to try', async () => {
    const page = await open();
    await page.getByText('A crew waits for you: approve its output').waitFor();
    expect(await messages(page).filter({ hasText: 'The Flow asks' }).count()).toBe(0);
    const printed = () => open.demo().printed.join('\n');
    await expect.poll(printed).toContain('Then press “Start the Flow”');
    expect(printed()).toContain('approve its output, or request a revision');
    await newFlow(page);
    await page.getByRole('link', { name: 'The Flow asks you: Publish sends it' }).waitFor();
  });

  test('Publish ends it with a result; its callback is on the wire without its token', async () => {
    const page = await open();
    const card = await newFlow(page);
    for (const text of [
      'Shall this newsletter go out',
      'CrewAI expects an answer by',
      'CrewAI takes Discard',
    ])
      await card.getByText(text).waitFor();
    const buttons = ['Publish', 'Rework', 'Discard', 'Other answer…', '⋯'];
    expect(await card.locator('.actions .button').allInnerTexts()).toEqual(buttons);
    await picture(page, 'flow card');
    await card.getByRole('button', { name: 'Publish' }).click();
    await draft(page, 'Result').getByText('was sent to 12,480 subscribers').waitFor();
    const chosen = card.filter({ hasText: '@Ana chose Publish' });
    await chosen.filter({ hasText: 'Decision sent. ' }).waitFor();
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

  test('Rework brings another draft as round 2 in the thread, as an answer in own words does; Discard ends it', async () => {
    const page = await open();
    const card = await newFlow(page);
    await card.getByRole('button', { name: 'Rework' }).click();
    await card.filter({ hasText: '(round 2)' }).getByRole('button', { name: 'Publish' }).waitFor();
    await openThread(page, card);
    const second = replies(page).filter({ hasText: '(round 2)' });
    await second.getByText("This follows @Ana's answer Rework").waitFor();
    await second.getByText('It costs 189 €').waitFor();
    await draft(page, 'Draft 2').and(page.locator('.waiting')).waitFor();
    await button(page, 'What changed').click();
    await modal(page).locator('b', { hasText: '189' }).first().waitFor();
    await closeByEscape(page);
    await picture(page, 'flow round 2');
    await second.getByRole('button', { name: 'Other answer…' }).click();
    await modal(page).getByRole('textbox', { name: 'Answer' }).fill('Shorter, please');
    await modal(page).getByRole('button', { name: 'Send' }).click();
    await modal(page).waitFor({ state: 'hidden' });
    const third = replies(page).filter({ hasText: '(round 3)' });
    await third.getByText("This follows @Ana's answer").waitFor();
    await third.getByText('counts as Rework').waitFor();
    await third.getByRole('button', { name: 'Discard' }).click();
    await draft(page, 'Result').getByText('nothing was sent').waitFor();
    await replies(page).filter({ hasText: '(round 3)' }).filter({ hasText: '@Ana chose Discard' }).waitFor();
  });

  test('refuses people who may not approve, and choices after an answer in CrewAI’s dashboard, in a message to that person', async () => {
    const page = await open();
    const card = await newFlow(page);
    await be(page, 'Cat');
    await page.getByText('Cat may not approve: try it').waitFor();
    await card.getByRole('button', { name: 'Publish' }).click();
    await messages(page).filter({ hasText: 'Only visible to you' }).getByText(REFUSED).waitFor();
    await be(page, 'Ben');
    await draft(page, 'Draft 1').and(page.locator('.waiting')).waitFor();

    const dashboard = flow(page).getByRole('button', { name: 'Publish it in the dashboard' });
    await dashboard.click();
    await draft(page, 'Draft 1').getByText('“Publish”, in CrewAI’s dashboard').waitFor();
    await draft(page, 'Result').getByText('was sent to').waitFor();
    await dashboard.waitFor({ state: 'hidden' });
    await page.getByRole('link', { name: 'CrewAI already has an answer to the Flow.' }).click();
    await card.getByRole('button', { name: 'Discard' }).click();
    await card.filter({ hasText: "answered in CrewAI's dashboard" }).waitFor();
    const callback = page.locator('.entry.bot', { hasText: '/respond' }).first();
    expect(await callback.locator('.outcome').textContent()).toBe('409');
    await picture(page, 'flow answered elsewhere');
    await openThread(page, card);
    await replies(page).filter({ hasText: 'CrewAI was no longer waiting for your decision' }).waitFor();
    await page.getByText('A crew waits for you').waitFor();
  });

  inCi('what fails at the next decision fails for the Flow too, and its answer arrives once', async () => {
    const page = await open();
    const card = await newFlow(page);
    await page.getByRole('button', { name: 'Answer 503, twice' }).click();
    await page.getByText('CrewAI fails at 2 more attempts').waitFor();
    await card.getByRole('button', { name: 'Publish' }).click();
    await card.filter({ hasText: "CrewAI isn't ready." }).waitFor();
    await card.filter({ hasText: 'Decision sent. ' }).waitFor();
    const outcomes = page.locator('.entry.bot', { hasText: '/respond' }).locator('.outcome');
    expect((await outcomes.allTextContents()).slice(0, 3)).toEqual(['200', '503', '503']);
    await page.locator('.left').waitFor({ state: 'detached' });
  });

  inCi('kill -9 in the middle of a Rework: the next draft is asked once the bot is back', async () => {
    const page = await open();
    const card = await newFlow(page);
    await page.getByRole('button', { name: 'Kill it during the next decision' }).click();
    await page.getByText('Armed: the bot is killed at the next decision').waitFor();
    await card.getByRole('button', { name: 'Rework' }).click();
    await page.locator('.bot-state.down').waitFor();
    await page.locator('.bot-state.running').waitFor();
    const chosen = card.filter({ hasText: '@Ana chose Rework' });
    // A bot that is killed before it has heard that its card is posted can post it twice; both say the same.
    await chosen.filter({ hasText: 'Decision sent. ' }).first().waitFor();
    await openThread(page, card);
    await replies(page).filter({ hasText: '(round 2)' }).getByRole('button', { name: 'Publish' }).waitFor();
    expect(await draft(page, 'Draft 1').textContent()).toContain('“Rework”, in Slack');
  });

  const python = pythonOf(NEWEST);
  test('with --crewai, the real package runs the Flow of docs/self-hosted.md', async () => {
    const page = await open.fresh(['--crewai'], true, { PYTHON: python });
    const card = messages(page).filter({ hasText: 'Is this newsletter ready?' });
    await card.getByRole('button', { name: 'publish' }).click({ timeout: scaleLimit(120_000) });
    await messages(page)
      .filter({ hasText: '@Ana chose publish' })
      .getByText(texts.state.received())
      .waitFor();
  });
});
