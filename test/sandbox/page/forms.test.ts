import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ModalView } from '@slack/types';
import axe, { type AxeResults } from 'axe-core';
import type { Locator, Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { readAction } from '../../../src/sandbox/demo/actions.ts';
import { createVisitors } from '../../../src/sandbox/demo/visitors.ts';
import type * as Server from '../../../src/sandbox/page/server.ts';
import { describeBrowser, launchBrowser } from '../../support/browser.ts';
import { BUILT } from '../../support/build.ts';
import { scaleLimit } from '../../support/limits.ts';
import { atEnd, share } from '../../support/shared.ts';
import { EVERY_ANSWER, everyInput, input, SIZES } from '../slack/every-input.ts';
import { startSlack, text } from '../slack/fixtures.ts';
import { scene } from './scenes.ts';

const REQUIRED = 'Please complete this required field.';
const PERSON = 'UANA';

const form = (blocks: ModalView['blocks']): ModalView => ({
  type: 'modal',
  callback_id: 'form',
  title: text('Form'),
  submit: text('Send'),
  blocks,
});

const go = { type: 'button' as const, action_id: 'go', text: text('Go') };

describeBrowser('a form on the page', { timeout: scaleLimit(120_000) }, () => {
  const shared = share(async () => {
    const browser = await launchBrowser();
    atEnd(() => browser.close());
    // The browser runs the page's script as it is built.
    const built = pathToFileURL(join(BUILT, 'sandbox', 'page', 'server.js')).href;
    const { startPage } = (await import(built)) as typeof Server;
    return { browser, startPage };
  });

  /** A page on which Ana has this form open; submissions are acked with `acks`, clicks on Go are answered by `onGo`. */
  async function open(
    blocks: ModalView['blocks'],
    { phone = false, dark = false, onGo }: { phone?: boolean; dark?: boolean; onGo?: ModalView } = {},
  ) {
    const { browser, startPage } = shared();
    let changed = () => {};
    const people = [{ id: PERSON, name: 'ana' }];
    const channels = [{ id: 'C1', name: 'approvals', members: [PERSON], botIsMember: true }];
    const slack = await startSlack({ people, channels, groups: [] });
    const { workspace, client } = slack;
    const sent: Record<string, unknown>[] = [];
    const acks: object[] = [];
    await slack.connect((app) => {
      app.action('revise', async ({ ack, body }) => {
        await ack();
        if (body.type === 'block_actions')
          await client.views.open({ trigger_id: body.trigger_id, view: form(blocks) });
      });
      app.action('go', async ({ ack, body }) => {
        await ack();
        if (body.type === 'block_actions' && onGo)
          await client.views.update({ view_id: String(body.view?.id), view: onGo });
        changed();
      });
      app.view('form', async ({ ack }) => {
        sent.push(workspace.formValues(PERSON));
        await ack(acks.shift() as never);
      });
    });
    await workspace.click({ user: PERSON, channel: 'C1', ts: await slack.postCard(), actionId: 'revise' });
    await workspace.changed((now) => now.openView(PERSON) !== undefined, { what: 'the form' });

    const visitors = createVisitors(workspace as never, () => changed());
    const server = await startPage({
      port: 0,
      scene: () => scene({ modal: workspace.openView(PERSON), errors: visitors.errors(PERSON) }),
      async act(given) {
        const action = readAction(given);
        if (action?.do === 'submit') return visitors.submit(action);
        return action?.do === 'click_in_view' ? visitors.clickInView(action) : undefined;
      },
      setLanguage: async () => {},
      file: () => undefined,
      wire: () => undefined,
    });
    changed = server.changed;
    const page = await browser.newPage({
      viewport: phone ? { width: 390, height: 844 } : { width: 1280, height: 800 },
      colorScheme: dark ? 'dark' : 'light',
      timezoneId: 'America/Sao_Paulo',
    });
    page.setDefaultTimeout(scaleLimit(20_000));
    onTestFinished(async () => {
      await page.close();
      await server.close();
    });
    await page.goto(server.url);
    const dialog = page.locator('dialog[open]');
    await dialog.waitFor();
    return {
      page,
      dialog,
      workspace,
      sent,
      acks,
      submit: () => dialog.getByRole('button', { name: 'Send' }).click(),
    };
  }

  test('sends what was entered in each kind of input', async () => {
    const { dialog, sent, submit } = await open(everyInput());
    await fill(dialog);
    await submit();
    await dialog.waitFor({ state: 'hidden' });
    expect(sent).toEqual([{ ...EVERY_ANSWER, Guests: '3', Moment: 1_793_957_400 }]);
  });

  test('says at each field what is wrong, keeps what was entered and goes to the first one', async () => {
    const { page, dialog, sent, acks, submit } = await open(everyInput());
    await submit();
    await expect.poll(() => errorsOf(dialog)).toHaveLength(13);
    expect(new Set(await errorsOf(dialog))).toEqual(new Set([REQUIRED]));
    expect(await focusOf(page)).toBe('Name');
    await fill(dialog);
    for (const [label, wrong] of [
      ['Guests', '9'],
      ['Mail', 'ana'],
      ['Name', 'A name that is far too long'],
    ] as const)
      await dialog.getByLabel(label, { exact: true }).fill(wrong);
    await submit();
    const sentences = [
      'Enter at most 10 characters, not 27.',
      'Enter 8 or less.',
      'Enter a valid email address.',
    ];
    await expect.poll(() => errorsOf(dialog)).toEqual(sentences);
    expect(sent).toEqual([]);
    expect(await dialog.getByLabel('Name', { exact: true }).inputValue()).toBe('A name that is far too long');
    expect(await dialog.getByRole('radio', { name: 'Large' }).isChecked()).toBe(true);

    await fill(dialog);
    acks.push({ response_action: 'errors', errors: { room: 'It is taken.', extras: 'One only.' } });
    await submit();
    await expect.poll(() => errorsOf(dialog)).toEqual(['It is taken.', 'One only.']);
    await expect.poll(() => focusOf(page)).toBe('Large');
    await dialog.getByRole('checkbox', { name: 'Parking' }).uncheck();
    await submit();
    await dialog.waitFor({ state: 'hidden' });
    expect(sent.at(-1)).toMatchObject({ Name: 'Ana', Moment: 1_793_957_400, Extras: ['Breakfast'] });
  });

  test('shows initial values, and sends that they were emptied', async () => {
    const { dialog, sent, submit } = await open(
      [
        input('Name', { type: 'plain_text_input', initial_value: 'Ben' }),
        input('Guests', { type: 'number_input', is_decimal_allowed: false, initial_value: '2' }),
        input('Day', { type: 'datepicker', initial_date: '2026-11-06' }),
        input('Time', { type: 'timepicker', initial_time: '23:59' }),
        input('Moment', { type: 'datetimepicker', initial_date_time: 1_628_633_820 }),
        input('Size', { type: 'static_select', options: SIZES, initial_option: SIZES[1] as never }),
        input('Days', { type: 'multi_static_select', options: SIZES, initial_options: SIZES.slice(0, 2) }),
        input('Extras', { type: 'checkboxes', options: SIZES, initial_options: [SIZES[2] as never] }),
      ].map((block) => ({ ...block, optional: true })),
    );
    const field = (label: string) => dialog.getByLabel(`${label} (optional)`, { exact: true });
    for (const [label, value] of [
      ['Name', 'Ben'],
      ['Guests', '2'],
      ['Day', '2026-11-06'],
      ['Time', '23:59'],
      ['Moment', '2021-08-10T19:17'],
      ['Size', 'm'],
    ] as const)
      expect(await field(label).inputValue(), label).toBe(value);
    for (const label of ['Name', 'Guests', 'Day', 'Time', 'Moment']) await field(label).fill('');
    await field('Size').selectOption('');
    const checked = dialog.getByRole('checkbox', { checked: true });
    expect(await checked.count()).toBe(3);
    for (const box of await dialog.getByRole('checkbox').all()) await box.uncheck();
    await submit();
    await dialog.waitFor({ state: 'hidden' });
    const nothing = { Name: null, Guests: null, Day: null, Time: null, Moment: null, Size: null };
    expect(sent).toEqual([{ ...nothing, Days: [], Extras: [] }]);
  });

  test('keeps what was typed when the app changes the form around it', async () => {
    const blocks = everyInput({ optional: true });
    const more = { ...input('More', { type: 'plain_text_input', initial_value: 'new' }), optional: true };
    const { dialog, sent, submit } = await open([...blocks, { type: 'actions', elements: [go] }], {
      onGo: form([more, ...blocks.reverse()]),
    });
    await fill(dialog, ' (optional)');
    await dialog.getByRole('button', { name: 'Go' }).click();
    await dialog.getByLabel(/^More/).waitFor();
    expect(await dialog.getByLabel(/^Name/).inputValue()).toBe('Ana');
    await submit();
    await dialog.waitFor({ state: 'hidden' });
    expect(sent).toEqual([{ ...EVERY_ANSWER, Guests: '3', Moment: 1_793_957_400, More: 'new' }]);
  });

  test('is filled and sent by keyboard', async () => {
    const {
      page,
      dialog,
      sent,
      submit: _,
    } = await open([
      input('Name', { type: 'plain_text_input', focus_on_load: true }),
      input('Room', { type: 'radio_buttons', options: SIZES }),
      input('Days', { type: 'multi_static_select', options: SIZES }),
    ]);
    await expect.poll(() => focusOf(page)).toBe('Name');
    await page.keyboard.type('Ana');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    expect(sent).toEqual([{ Name: 'Ana', Room: 'Medium', Days: ['Small', 'Large'] }]);
  });

  test.each([{ phone: false }, { phone: true, dark: true }])(
    'has no problem that axe finds, empty and with an error at each field, and fits the screen: %j',
    async (look) => {
      const { page, dialog, submit } = await open(everyInput(), look);
      expect(await findProblems(page)).toEqual([]);
      await submit();
      await expect.poll(() => errorsOf(dialog)).toHaveLength(13);
      expect(await findProblems(page)).toEqual([]);
      const width = look.phone ? 390 : 1280;
      const inside = dialog.locator('.inside');
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      expect(await inside.evaluate((one) => one.scrollWidth - one.clientWidth)).toBe(0);
    },
  );
});

/** Enters each answer in the field that its label names; `after`: what follows each label. */
async function fill(dialog: Locator, after = ''): Promise<void> {
  const field = (label: string) => dialog.getByLabel(`${label}${after}`, { exact: true });
  for (const label of ['Name', 'Reason', 'Budget', 'Mail', 'Site', 'Day', 'Time'] as const)
    await field(label).fill(EVERY_ANSWER[label]);
  await field('Guests').fill('3');
  // 09:30 in UTC, in the time zone of the browser.
  await field('Moment').fill('2026-11-06T06:30');
  await field('Size').selectOption({ label: EVERY_ANSWER.Size });
  for (const day of EVERY_ANSWER.Days) await field('Days').getByRole('checkbox', { name: day }).check();
  await field('Room').getByRole('radio', { name: EVERY_ANSWER.Room }).check();
  for (const extra of ['Breakfast', 'Parking'])
    await field('Extras').getByRole('checkbox', { name: extra }).check();
}

/** The sentences under the fields, from the top. */
const errorsOf = (dialog: Locator) => dialog.locator('.error').allTextContents();

/** The label of what has the focus. */
const focusOf = (page: Page) =>
  page.evaluate<string | undefined>('document.activeElement.labels?.[0]?.textContent');

async function findProblems(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>('axe.run({ resultTypes: ["violations"] })');
  return violations.flatMap(({ impact, id, nodes }) => nodes.map(({ html }) => `${impact} ${id}: ${html}`));
}
