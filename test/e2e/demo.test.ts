import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { es, en as texts } from '../../src/slack/texts/texts.ts';
import {
  button,
  closeByEscape,
  describeDemo,
  messages,
  modal,
  newRun,
  openDemo,
  openThread,
  picture,
  README_SIZE,
  recordForReadme,
  replies,
  requestRevision,
  run,
  seesApproved,
  seesTask,
  task,
  WIDTHS,
  widthOf,
  write,
} from '../support/demo-page.ts';

/** Long, and seldom what a change breaks. */
const inCi = test.runIf(process.env.CI);

describeDemo('npm run demo, in a browser', (demo) => {
  test('a run starts by itself; an approve goes to CrewAI with its webhook URLs, and the crew goes on', async () => {
    const page = await demo();
    const film = recordForReadme(page);
    await page.setViewportSize(README_SIZE);
    await film.shoot(3);
    await button(page, 'Approve').hover();
    await film.shoot(0.8);
    await button(page, 'Approve').click();
    await seesTask(page, 'press_release', 'done');
    await seesTask(page, 'launch_budget', 'waiting');
    await seesApproved(messages(page));
    const resume = page.locator('.entry.bot', { hasText: '/resume' }).first();
    const request = (await resume.locator('pre').first().textContent()) ?? '';
    const body = JSON.parse(request.slice(request.indexOf('{'))) as Record<string, unknown>;
    const urlOf = (kind: string) => expect.stringMatching(`/webhooks/press/${kind}\\?token=•••&run=[\\w.]+$`);
    expect(body).toMatchObject({
      executionId: expect.any(String),
      taskId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      humanFeedback: 'Approved.',
      taskWebhookUrl: urlOf('task'),
      crewWebhookUrl: urlOf('crew'),
      humanInputWebhookUrl: urlOf('human-input'),
    });
    expect(body).not.toHaveProperty('is_approve');
    expect(request).toContain('authorization: Bearer •••');
    expect(await resume.locator('pre').last().textContent()).toContain('kickoff_id');
    await page.getByText('npm run demo -- --documented').waitFor();
    await page.mouse.move(0, 0);
    await film.shoot(3);
    await resume.scrollIntoViewIfNeeded();
    await film.shoot(4);
    film.save();
  });

  test('a revision comes back as round 2 in the channel and in the thread, with what changed', async () => {
    const page = await demo();
    const cards = await newRun(page);
    const feedback = 'Shorter, and the price is 179 €.';
    await page.setViewportSize(README_SIZE);
    await button(page, 'Request revision').click();
    await modal(page).getByLabel('Feedback').fill(feedback);
    await picture(page, 'request revision');
    await page.setViewportSize(WIDTHS.desktop);
    await modal(page).getByLabel('Feedback').fill('');
    await modal(page).getByRole('button', { name: 'Send' }).click();
    await modal(page).getByText('Please complete this required field.').waitFor();
    await picture(page, 'required field');
    await modal(page).getByLabel('Feedback').fill(feedback);
    await modal(page).getByRole('button', { name: 'Send' }).click();
    await modal(page).waitFor({ state: 'hidden' });
    const second = cards.filter({ hasText: '(round 2)' }).filter({ hasText: '179 €' });
    await second.getByRole('button', { name: 'Approve' }).waitFor();
    await picture(page, 'round 2 in the channel');
    await second.getByText('replied to a thread').getByRole('link').click();
    const inThread = replies(page).filter({ hasText: '(round 2)' });
    await inThread.filter({ hasText: 'Also sent to the channel' }).waitFor();
    await task(page, 'press_release').getByText(feedback).waitFor();
    await picture(page, 'round 2');
    await button(page, 'What changed').click();
    await modal(page).locator('s', { hasText: 'Every year some 640,000 tonnes' }).waitFor();
    await modal(page).locator('b', { hasText: '179' }).first().waitFor();
    await picture(page, 'what changed');
    await modal(page).locator('footer').getByRole('button', { name: 'Close' }).click();
    await modal(page).waitFor({ state: 'hidden' });
    await button(page, 'Approve').click();
    await seesTask(page, 'press_release', 'done');
  });

  test('the crew follows the feedback of every round, and forgets it in the next task', async () => {
    const page = await demo();
    const cards = await newRun(page);
    const card = cards.first();
    const wishes = 'You can ask for: shorter · longer · name the price';
    await task(page, 'press_release').getByText(wishes).waitFor();
    await requestRevision(page, 'Name the price, and quote the mayor');
    await openThread(page, card);
    const second = replies(page).filter({ hasText: '(round 2)' });
    await second.getByText('I could not follow “quote the mayor”.').waitFor();
    await requestRevision(page, 'Replace Guimarães with Braga, drop the contact please');
    const third = replies(page).filter({ hasText: '(round 3)' });
    await third.getByText('a mill in Braga').waitFor();
    expect(await third.textContent()).not.toMatch(/could not follow|This output is not accepted/);
    await picture(page, 'round 3');
    await button(page, 'Approve').click();
    await seesTask(page, 'launch_budget', 'waiting');
    await cards.getByText('total: 29450').waitFor({ state: 'attached' });
  });

  test('an edited text is the next output, and a reply in the thread can be used as feedback', async () => {
    const page = await demo();
    const card = await newRun(page);
    await card.getByLabel('More actions').click();
    await page.getByRole('menuitem', { name: 'Edit and send back…' }).click();
    await modal(page).getByLabel('Text').fill('# Mine\n\nIt costs *179 €*.');
    await modal(page).locator('footer .primary').click();
    await modal(page).waitFor({ state: 'hidden' });
    await openThread(page, card);
    const second = replies(page).filter({ hasText: '(round 2)' });
    await second.getByText(texts.card.usedExactly).waitFor();
    await second.getByRole('heading', { name: 'Mine' }).waitFor();
    await button(page, 'Approve').click();
    await seesTask(page, 'launch_budget', 'waiting');

    await page.getByLabel('Close the thread').click();
    // The card of the press release names the next task, too.
    const budget = card.filter({ hasText: 'asks for approval: Launch budget' });
    await budget.getByLabel('Message shortcuts').click();
    await page.getByRole('menuitem', { name: 'Reply in thread' }).click();
    const box = page.getByLabel('Reply in the thread');
    await box.fill('/approvals');
    await box.press('Enter');
    await page.getByText('Slack: /approvals is not supported in threads.').waitFor();
    await box.fill('Cheaper, please');
    await box.press('Enter');
    const reply = replies(page).filter({ hasText: 'Cheaper, please' });
    await reply.getByLabel('Message shortcuts').click();
    await picture(page, 'use as feedback');
    await reply.getByRole('menuitem', { name: 'Use as feedback' }).click();
    await modal(page).getByRole('button', { name: 'Send' }).click();
    await modal(page).waitFor({ state: 'hidden' });
    await task(page, 'launch_budget').getByText('Ana: Cheaper, please').waitFor();
    const cheaper = replies(page).filter({ hasText: 'Launch budget' }).filter({ hasText: '(round 2)' });
    await cheaper.getByRole('button', { name: 'Approve' }).waitFor();
    expect(await cheaper.textContent()).not.toContain('could not follow');
  });

  test('nothing moves under the mouse between the press of its button and the release', async () => {
    const page = await demo();
    const card = await newRun(page);
    await requestRevision(page, 'Shorter please');
    await openThread(page, card);
    const summary = card.first().getByLabel('Message shortcuts');
    await summary.hover();
    const before = await summary.boundingBox();
    // As when the thread that a click closes is still there at the next press.
    await page.evaluate(() => {
      document.addEventListener('pointerdown', () => document.querySelector<HTMLElement>('a.x')?.click(), {
        once: true,
      });
    });
    await page.mouse.down();
    // What the server draws of it has come to the page, which asked before.
    await page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          const events = new EventSource(`/events${location.search}`);
          events.addEventListener('message', () => {
            events.close();
            resolve();
          });
        }),
    );
    expect(await summary.boundingBox()).toEqual(before);
    await page.mouse.up();
    await card.first().getByRole('menuitem', { name: 'Approval details' }).waitFor();
    await replies(page).first().waitFor({ state: 'detached' });
  });

  test('on a phone opens at the top of the newest card; who scrolled elsewhere stays there', async () => {
    const page = await demo({ viewport: WIDTHS.phone });
    const list = page.locator('#conversation .messages');
    const card = messages(page).last();
    const readTop = async () => {
      const [box, view] = await Promise.all([card.boundingBox(), list.boundingBox()]);
      // Math.abs: Math.round(-0.2) is -0.
      return Math.abs(Math.round((box?.y ?? Number.NaN) - (view?.y ?? Number.NaN)));
    };
    const [box, view] = await Promise.all([card.boundingBox(), list.boundingBox()]);
    expect(box?.height, 'the card is longer than what is seen').toBeGreaterThan(view?.height ?? 0);
    await expect.poll(readTop).toBe(0);
    await page.reload();
    await card.waitFor();
    await expect.poll(readTop).toBe(0);
    await list.evaluate((one) => {
      one.scrollTop -= 200;
    });
    await newRun(page);
    const newest = await card.boundingBox();
    const bottom = (view?.y ?? Number.NaN) + (view?.height ?? Number.NaN);
    expect(newest?.y, 'the new card is below what is seen').toBeGreaterThan(bottom);
  });

  test('on a phone the result of an action does not go away under a press, whose click would be lost', async () => {
    const page = await demo({ viewport: WIDTHS.phone });
    await page.clock.install();
    await page.locator('#panes').getByRole('link', { name: 'CrewAI' }).click();
    const start = page.locator('#start-press');
    const latest = () => run(page).locator('.run code').first().textContent();
    const first = await latest();
    await start.click();
    await page.locator('.result.shown').waitFor();
    await expect.poll(latest).not.toBe(first);
    const second = await latest();
    await start.hover();
    await page.mouse.down();
    const before = await start.boundingBox();
    await page.clock.fastForward(5_000);
    expect(await start.boundingBox()).toEqual(before);
    await page.mouse.up();
    await expect.poll(latest).not.toBe(second);
  });

  test('the command under “Ask from outside” asks when it is pasted, and one click answers it', async () => {
    const page = await demo();
    const pasted = promisify(execFile)('sh', [
      '-c',
      (await page.locator('#outside pre').textContent()) ?? '',
    ]);
    const card = messages(page).filter({ hasText: 'Ship build 42?' });
    await card.getByRole('button', { name: 'Approve' }).click();
    expect((await pasted).stdout).toMatch(/"status":"answered".*"option":"approve".*"by":"UANA"/);
    await card.getByText(texts.state.received()).waitFor();
  });

  test('a link that is clicked before the last one is drawn does not lead back', async () => {
    const page = await demo({ viewport: WIDTHS.phone });
    const side = page.locator('#panes');
    await page.locator('#sidebar').getByRole('link', { name: 'Crew Approvals' }).click();
    await page.locator('.tabs').waitFor();
    await side.getByRole('link', { name: 'CrewAI' }).click();
    await side.locator('[aria-current]', { hasText: 'CrewAI' }).waitFor();
    let draw = () => {};
    const drawn = new Promise<void>((resolve) => {
      draw = resolve;
    });
    await page.route('**/events?*', async (route) => {
      await drawn;
      await route.continue();
    });
    await side.getByRole('link', { name: 'Slack' }).click();
    await page.locator('#sidebar').getByRole('link', { name: 'approvals' }).first().click();
    draw();
    await page.waitForURL(/at=CAPPROVALS/);
    expect(await page.evaluate('document.body.dataset.pane')).toBe('slack');
  });

  test('two people approve a payment, and the last of them can undo it', async () => {
    const page = await demo.fresh();
    await page.getByRole('button', { name: 'Start a run of payments' }).waitFor();
    await write(page, '/approvals run payments');
    await modal(page).getByRole('button', { name: 'Start' }).click();
    await modal(page).waitFor({ state: 'hidden' });
    const guide = (text: string) => page.getByRole('link', { name: text }).waitFor();
    await guide('This payment needs two approvals: approve as Ana, then as Ben.');
    const card = messages(page).filter({ hasText: 'Pay 48,600 € to Fios do Mar' });
    await picture(page, 'payment');
    await card.getByRole('button', { name: 'Approve' }).click();
    await card.getByText('1 of 2 approved: @Ana').waitFor();
    await page.getByRole('link', { name: 'One approval is missing: be Ben and approve too.' }).click();
    await page.waitForURL(/as=UBEN/);
    await card.getByRole('button', { name: 'Approve' }).click();
    await guide('Both have approved.');
    await card.getByRole('button', { name: 'Undo' }).click();
    await guide('One approval is missing: yours.');
    await card.getByText('1 of 2 approved: @Ana').waitFor();
  });

  test('the menu of a message opens its approval’s details, by mouse and by keyboard', async () => {
    const page = await demo();
    await newRun(page);
    const menu = messages(page).last().getByLabel('Message shortcuts');
    const details = page.getByRole('menuitem', { name: 'Approval details' });
    await menu.click();
    await picture(page, 'message shortcuts');
    await details.click();
    await modal(page).getByText('Round 1: waiting').waitFor();
    await picture(page, 'approval details');
    await closeByEscape(page);
    await details.waitFor({ state: 'hidden' });
    await menu.focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Approval details');
    await page.keyboard.press('Enter');
    await modal(page).getByText('Round 1: waiting').waitFor();
    await closeByEscape(page);
    expect(await page.evaluate('document.activeElement.ariaLabel')).toBe('Message shortcuts');
  });

  test('an approve by keyboard only; Escape closes a modal and gives the focus back', async () => {
    const page = await demo();
    await newRun(page);
    const focused = () => page.evaluate<string>('document.activeElement.textContent');
    const tabTo = async (label: string) => {
      for (let presses = 0; (await focused()).trim() !== label; presses += 1) {
        if (presses > 5) throw new Error(`Tab does not lead to ${label}`);
        await page.keyboard.press('Tab');
      }
    };
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the main content');
    await page.keyboard.press('Tab');
    expect(await focused()).toMatch(/^A crew waits for you/);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate('document.activeElement.dataset.ts')).toBeTruthy();
    await tabTo('Request revision');
    await page.keyboard.press('Enter');
    await modal(page).waitFor();
    expect(await page.evaluate('document.activeElement.tagName')).toBe('TEXTAREA');
    const inside = 'document.activeElement === document.body || !!document.activeElement.closest("dialog")';
    for (let presses = 0; presses < 12; presses += 1) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate(inside)).toBe(true);
    }
    await closeByEscape(page);
    await expect.poll(focused).toBe('Request revision');
    await page.keyboard.press('Shift+Tab');
    expect(await focused()).toBe('Approve');
    await page.keyboard.press('Enter');
    await seesTask(page, 'press_release', 'done');
    expect(await page.evaluate('!!document.activeElement.closest("article")')).toBe(true);
  });

  test('on a phone nothing is wider than the screen or covered, in Slack, in CrewAI and in a modal', async () => {
    const page = await demo({ viewport: WIDTHS.phone, colorScheme: 'dark', hasTouch: true });
    const { width } = WIDTHS.phone;
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const dark = await background();
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await background()).not.toBe(dark);
    await page.emulateMedia({ colorScheme: 'dark' });
    const card = await newRun(page);
    await picture(page, 'phone');
    expect(await widthOf(page)).toBe(width);
    await messages(page).last().getByLabel('More actions').click();
    const menu = await page.locator('.menu[open] .items').boundingBox();
    expect(menu?.x).toBeGreaterThanOrEqual(0);
    expect((menu?.x ?? 0) + (menu?.width ?? 0)).toBeLessThanOrEqual(width);
    await page.getByRole('menuitem', { name: 'Assign to…' }).click();
    await modal(page).getByLabel('Person').selectOption('Ben');
    await modal(page).getByRole('button', { name: 'Ask' }).click();
    await modal(page).waitFor({ state: 'hidden' });
    // Nobody is asked about what is decided meanwhile.
    await page.locator(`[id="replies-${await card.first().getAttribute('data-ts')}"]`).waitFor();
    await requestRevision(page, 'Shorter please');
    await openThread(page, card);
    await replies(page).filter({ hasText: 'asked to decide' }).first().waitFor();
    await button(page, 'What changed').click();
    await modal(page).waitFor();
    await picture(page, 'phone, what changed');
    expect(await widthOf(page)).toBe(width);
    await closeByEscape(page);
    await picture(page, 'phone, thread');

    /** What the result of the last click covers. */
    const covered = (says: string) =>
      page
        .locator('.result.shown')
        .getByText(says)
        .waitFor()
        .then(() =>
          page.evaluate(`(() => {
            const result = document.querySelector('.result.shown').getBoundingClientRect();
            return ['top', 'panes', 'sidebar', 'main'].filter((id) => {
              const { top, bottom, height } = document.getElementById(id).getBoundingClientRect();
              return height > 0 && top < result.bottom && bottom > result.top;
            });
          })()`),
        );
    await button(page, 'Approve').click();
    expect(await covered('Ana clicked “Approve”.')).toEqual([]);
    await picture(page, 'phone, result');
    await page.locator('#panes').getByRole('link', { name: 'CrewAI' }).click();
    await run(page).waitFor();
    await picture(page, 'phone, CrewAI');
    expect(await widthOf(page)).toBe(width);
    await page.locator('.result:not(.shown)').waitFor({ state: 'attached' });
    await page.locator('#start-press').click();
    expect(await covered('A run has started.')).toEqual([]);
  });

  inCi(
    'a long output is read page by page and has a file; what is half typed and the place in a list stay',
    async () => {
      const page = await demo();
      const cards = await newRun(page);
      const box = page.getByLabel('Message to #approvals');
      await box.fill('half typed');
      const approve = (name: string) =>
        cards.filter({ hasText: `asks for approval: ${name}` }).getByRole('button', { name: 'Approve' });
      for (const [name, shown] of [
        ['press_release', 'Press release'],
        ['launch_budget', 'Launch budget'],
      ] as const) {
        await seesTask(page, name, 'waiting');
        await approve(shown).click();
      }
      await approve('Campaign report').waitFor();
      expect(await box.inputValue()).toBe('half typed');
      await picture(page, 'long output');
      await button(page, 'Read in full').click();
      await modal(page).getByText('page 1 of').waitFor();
      await modal(page).getByRole('button', { name: 'Next' }).click();
      await modal(page).getByText('page 2 of').waitFor();
      await picture(page, 'read in full');
      await closeByEscape(page);
      await openThread(page, cards.filter({ hasText: 'asks for approval: Campaign report' }));
      const file = replies(page).locator('.file');
      await file.getByRole('link', { name: 'View in full' }).waitFor();
      const [whole] = await Promise.all([
        page.waitForEvent('download'),
        file.getByRole('link', { name: 'Download' }).click(),
      ]);
      expect(whole.suggestedFilename()).toMatch(/\.md$/);
      await picture(page, 'file');
      await approve('Campaign report').click();
      const asked = page.locator('dialog.confirm');
      await asked
        .filter({ hasText: /You have seen [\d,]+ of [\d,]+ characters of this\. Approve anyway\?/ })
        .waitFor();
      await picture(page, 'asked first');
      await asked.getByRole('button', { name: 'Cancel' }).click();
      await asked.waitFor({ state: 'detached' });
      await approve('Campaign report').click();
      await asked.getByRole('button', { name: 'Approve' }).click();
      await page.getByText('The run has finished.').waitFor();
      await replies(page).filter({ hasText: 'has finished' }).waitFor();
      await picture(page, 'finished');
    },
  );

  inCi('a window that is open follows when another one chooses a language, and its hints too', async () => {
    const page = await demo.fresh();
    const other = await openDemo(demo.browser(), `${new URL(page.url()).origin}/?lang=es`);
    await messages(other).getByRole('button', { name: es.actions.approve }).waitFor();
    await messages(page).getByRole('button', { name: es.actions.approve }).waitFor();
    expect(await page.evaluate('document.documentElement.lang')).toBe('es');
    await write(page, '/approvals run payments');
    await modal(page).getByRole('button', { name: 'Iniciar' }).click();
    await page.getByRole('link', { name: 'This payment needs two approvals' }).waitFor();
    await messages(page)
      .filter({ hasText: 'Fios do Mar' })
      .getByRole('button', { name: es.actions.approve })
      .click();
    await page.getByRole('link', { name: 'be Ben and approve too' }).waitFor();
  });

  test('in two windows each sees at once what the other does', async () => {
    const page = await demo();
    const cards = await newRun(page);
    const other = await openDemo(demo.browser(), page.url().replace('UANA', 'UBEN'));
    const run = await cards.getAttribute('data-run');
    const seen = messages(other).and(other.locator(`[data-run="${run}"]`));
    await seen.getByRole('button', { name: 'Approve' }).waitFor();
    await button(page, 'Approve').click();
    await seen.filter({ hasText: 'Approved by @Ana' }).waitFor();
  });

  inCi(
    'CrewAI and Slack fail as each button says: the card names the reason, the decision arrives once',
    async () => {
      const page = await demo();
      const failures = {
        'Answer 500, twice': texts.crewai.failures.error_answer,
        'Answer 503, twice': "CrewAI isn't ready.",
        'Accept it, lose the answer': "CrewAI didn't respond.",
      };
      for (const [name, reason] of Object.entries(failures)) {
        const cards = await newRun(page);
        await page.getByRole('button', { name }).click();
        await button(page, 'Approve').click();
        await cards.filter({ hasText: reason }).filter({ hasText: "I'll keep trying" }).waitFor();
        await seesApproved(cards);
        await seesTask(page, 'launch_budget', 'waiting');
        await page.locator('.left').waitFor({ state: 'detached' });
      }
      const cards = await newRun(page);
      await page.getByRole('button', { name: 'Answer 503, twice' }).click();
      await page.getByRole('button', { name: 'Answer 503 to 3 calls' }).click();
      await page.getByText('CrewAI fails at 2 more attempts').waitFor();
      await button(page, 'Approve').click();
      await seesTask(page, 'press_release', 'done');
      await seesApproved(cards);
      const outcomes = page.locator('.entry.bot', { hasText: '/resume' }).locator('.outcome');
      expect((await outcomes.allTextContents()).slice(0, 3)).toEqual(['200', '503', '503']);
    },
  );

  test('/approvals and the Home tab show what waits, and decide it; another command is refused as Slack does', async () => {
    const page = await demo.fresh();
    await write(page, '/approvals');
    const answer = messages(page).filter({ hasText: 'One approval is waiting:' });
    await write(page, `/approvals ${await answer.locator('code').textContent()}`);
    const approve = messages(page)
      .filter({ hasText: 'Round 1: waiting' })
      .getByRole('button', { name: 'Approve' });
    await approve.waitFor();
    await picture(page, 'slash command');
    await write(page, '/approvals away until friday @ben');
    await messages(page).filter({ hasText: 'is asked instead of you' }).waitFor();
    await write(page, '/approvals away off');
    await write(page, '/deploy');
    await page.getByText('Slack: /deploy is not a valid command.').waitFor();
    expect(await page.getByLabel('Message to #approvals').inputValue()).toBe('/deploy');
    await answer.getByRole('link', { name: 'Press release' }).click();
    await expect.poll(() => page.evaluate('document.activeElement.dataset.ts')).toBeTruthy();
    await approve.click();
    await seesTask(page, 'press_release', 'done');
    await seesTask(page, 'launch_budget', 'waiting');
    await page.locator('#sidebar').getByRole('link', { name: 'Crew Approvals' }).click();
    await page.getByRole('heading', { name: 'One approval is waiting for you' }).waitFor();
    await picture(page, 'home tab');
    await button(page, 'Approve').click();
    await seesTask(page, 'launch_budget', 'done');
    await page.getByText('Your recent decisions').waitFor();
  });

  test('with --documented the wire has the documented bodies, and the page says so', async () => {
    const page = await demo.fresh(['--documented']);
    await page.getByText('Without --documented the demo shows').waitFor();
    await button(page, 'Approve').click();
    await seesTask(page, 'press_release', 'done');
    const resume = page.locator('.entry.bot', { hasText: '/resume' }).first();
    const request = (await resume.locator('pre').first().textContent()) ?? '';
    expect(JSON.parse(request.slice(request.indexOf('{')))).toMatchObject({
      execution_id: expect.any(String),
      is_approve: true,
      human_feedback: 'Approved.',
      humanInputWebhookUrl: expect.stringMatching(/\/human-input\?token=•••&run=[\w.]+$/),
    });
    expect(await resume.locator('pre').last().textContent()).toContain('resumed');
  });

  test('kill -9 in the middle of a decision: the page shows it, a click fails as in Slack, nothing is lost', async () => {
    const page = await demo();
    const cards = await newRun(page);
    await page.getByRole('button', { name: 'Kill it now' }).click();
    await page.locator('.bot-state.down').waitFor();
    await button(page, 'Approve').click();
    await page.getByText('Slack: Crew Approvals did not respond, so nothing was done.').waitFor();
    await page.locator('.bot-state.running').waitFor();

    await page.getByRole('button', { name: 'Kill it during the next decision' }).click();
    await page.getByText('Armed: the bot is killed at the next decision').waitFor();
    await button(page, 'Approve').click();
    await page.locator('.bot-state.down').waitFor();
    await picture(page, 'bot down');
    await write(page, '/approvals');
    await page.getByText('Slack: /approvals failed with the error “dispatch_failed”.').waitFor();
    await page.locator('.bot-state.running').waitFor();
    await seesApproved(cards);
    await seesTask(page, 'launch_budget', 'waiting');
    const resumes = page.locator('.entry.bot', { hasText: '/resume' });
    const [last, before] = await resumes.locator('.outcome').allTextContents();
    // A webhook of the run can prove the decision before it is sent again.
    expect([last, last === '200' ? before : last]).toContain('answer lost');
    await page.locator('.story').getByText('The bot has ended (SIGKILL).').first().waitFor();
    await picture(page, 'bot back');
  });
});
