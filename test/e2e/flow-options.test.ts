import { describe, expect, test } from 'vitest';
import type { FlowDeployment } from '../../src/sandbox/crewai/flow/deployment.ts';
import type { FlowReview } from '../../src/sandbox/crewai/flow/flow-review.ts';
import { ask } from '../support/asking.ts';
import { startFlow, startFlowWorld } from '../support/flow-world.ts';
import { clickOn } from '../support/process-steps.ts';
import { approvalOf, type Bot, type Shown, sees, startBot, type World } from '../support/world.ts';
import { CHANNELS, startChannels } from './flow-channels.ts';

const MESSAGE = 'What should become of the report?';
/** Alike for longer than a button shows, and with everything that a text for Slack could change. */
const long = (number: number) =>
  `Publish it  as *it* is, <!channel> & tell "everyone" about the ${'very '.repeat(20)}good report ${number}`
    .padEnd(200, '.')
    .slice(0, 200);
const longOptions = (count: number) => Array.from({ length: count }, (_, index) => long(index + 1));

interface Options {
  world: World;
  flow: FlowDeployment;
  bot: Bot;
}

/** A bot with a channel for the cards of each method, and the deployment of a Flow. */
async function startOptions(): Promise<Options> {
  const flow = await startFlow();
  const { world, settings } = await startChannels(`callback_hosts: ["${new URL(flow.baseUrl).host}"]`);
  const bot = await startBot(world, { ...settings, RESUME_FORMAT: 'camelcase' });
  flow.sendTo(`${bot.url}/webhooks/press/flow`);
  return { world, flow, bot };
}

/** Asks in the next channel; resolves to the review once its webhook was answered. */
async function asks({ flow }: Options, emit: readonly string[]): Promise<FlowReview & { channel: string }> {
  const number = flow.reviews.length % CHANNELS.length;
  const review = flow.ask({ method: `review_${number}`, message: MESSAGE, output: 'The report', emit });
  expect(await review.webhookStatus()).toBe(202);
  return { ...review, channel: CHANNELS[number] as string };
}

/** Its card, which Slack took as it was sent. */
async function cardOf(started: Options, review: FlowReview & { channel: string }) {
  const { workspace } = started.world;
  const id = idOf(started, review);
  const card = await sees(workspace, 'the card', ({ approval }) => approval === id, review.channel);
  expect(workspace.calls.filter(({ answer }) => answer?.ok === false)).toEqual([]);
  return card;
}

/** The id of its approval, as the webhook was answered. */
function idOf({ flow }: Options, { requestId }: FlowReview): string {
  const sent = flow.webhooks.find(({ body }) => (body as { id: string }).id === requestId);
  return JSON.parse(sent?.answer ?? '{}').approval;
}

/** What the list of a card offers. */
function listOf({ world }: Options, { ts }: Shown, channel: string): { label: string; value: string }[] {
  const found: { label: string; value: string }[] = [];
  JSON.stringify(world.workspace.message(channel, ts)?.blocks, (_, value) => {
    if (value?.type === 'static_select')
      for (const { text, value: chosen } of value.options) found.push({ label: text.text, value: chosen });
    return value;
  });
  return found;
}

describe('options of 200 characters', () => {
  test.each([1, 5])('%i are buttons, and each of them arrives verbatim', async (count) => {
    const started = await startOptions();
    const options = longOptions(count);
    for (const [index, option] of options.entries()) {
      const review = await asks(started, options);
      const card = await cardOf(started, review);
      expect(card.buttons).toHaveLength(count + 1);
      expect(new Set(card.buttons).size).toBe(count + 1);
      const { workspace } = started.world;
      await workspace.click({
        user: 'UANA',
        channel: review.channel,
        ts: card.ts,
        actionId: `choose_${index + 1}`,
      });
      expect(await review.answered).toMatchObject({ feedback: option, source: 'slack' });
    }
  });

  test.each([
    [6, [1, 2, 3, 4, 5, 6]],
    [60, [1, 31, 60]],
  ])('%i are a list, and those chosen in it arrive verbatim', async (count, chosen) => {
    const started = await startOptions();
    const options = longOptions(count);
    const { workspace } = started.world;
    for (const number of chosen) {
      const review = await asks(started, options);
      const card = await cardOf(started, review);
      expect(card.buttons).toEqual(['Other answer…']);
      const list = listOf(started, card, review.channel);
      expect(list.map(({ label }) => Number.parseInt(label, 10))).toEqual(
        options.map((_, index) => index + 1),
      );
      const { value = '' } = list[number - 1] ?? {};
      const click = { user: 'UANA', channel: review.channel, ts: card.ts, actionId: 'choose_from_list' };
      expect((await workspace.click({ ...click, selected: value })).acked).toBe(true);
      expect(await review.answered).toMatchObject({ feedback: options[number - 1], source: 'slack' });
    }
  });

  test('each of 60 can be typed by its number or its whole text, and arrives verbatim', {
    timeout: 60_000,
  }, async () => {
    const started = await startOptions();
    const options = longOptions(60);
    for (const [index, option] of options.entries()) {
      const review = await asks(started, options);
      const typed = index % 2 === 0 ? String(index + 1) : option;
      const { all } = await ask(started.world, `choose ${idOf(started, review)} ${typed}`);
      expect(all).toContain('You chose');
      expect(await review.answered).toMatchObject({ feedback: option });
    }
  });

  test('one of 60 is chosen with a note, which stays in the thread', async () => {
    const started = await startOptions();
    const { workspace } = started.world;
    const review = await asks(started, longOptions(60));
    const { channel } = review;
    const { ts } = await cardOf(started, review);
    const value = listOf(started, { ts } as Shown, channel)[0]?.value.replace(/^0:/, 'choose_note:') ?? '';
    await workspace.click({ user: 'UANA', channel, ts, actionId: 'more', selected: value });
    await workspace.changed(() => workspace.openView('UANA') !== undefined, { what: 'the modal' });
    const values = { option: { option: '59' }, feedback: { feedback: 'As we agreed.' } };
    expect(await workspace.submit({ user: 'UANA', values })).toMatchObject({ acked: true, closed: true });
    expect(await review.answered).toMatchObject({ feedback: long(60) });
    await sees(
      workspace,
      'the note',
      ({ thread_ts, all }) => thread_ts === ts && all.includes('As we agreed.'),
      channel,
    );
  });
});

test('the most that a review can ask fits a card, a look-up and a list', async () => {
  const world = await startFlowWorld();
  const { workspace } = world;
  const emit = Array.from({ length: 100 }, (_, number) => `${number} & <b> `.repeat(200).slice(0, 1_000));
  const message = `${MESSAGE} `.repeat(400).slice(0, 10_000);
  const output = '# A long report\n\n| a | b |\n|---|---|\n| 1 & 2 | <3> |\n'.repeat(500);
  const review = world.flow.ask({ method: 'review_report', message, output, emit });
  expect(await review.webhookStatus()).toBe(202);
  const card = await sees(workspace, 'the card', ({ all }) => all.includes(MESSAGE));
  expect(card.reading).toContain('Read in full');
  for (const text of [approvalOf(card), 'waiting', 'mine', `choose ${approvalOf(card)} nonsense`])
    await ask(world, text);
  await ask(world, `choose ${approvalOf(card)} 100`);
  expect(await review.answered).toMatchObject({ feedback: emit[99] });
  await sees(workspace, 'settled', ({ ts, all }) => ts === card.ts && all.includes('CrewAI accepted it'));
});

test('equal options are one, an empty one is none, and one called Retry is an answer like any other', async () => {
  const world = await startFlowWorld();
  const { flow, workspace } = world;
  const review = flow.ask({
    method: 'review_report',
    message: MESSAGE,
    emit: ['Retry', 'publish', 'publish', '', ' ', 'Close without a decision'],
  });
  const card = await sees(workspace, 'the card', ({ all }) => all.includes(MESSAGE));
  expect(card.buttons).toEqual(['Retry', 'publish', 'Close without a decision', 'Other answer…']);
  flow.failures.plan({ on: 'respond', failure: { status: 404 } });
  await clickOn(world, card.ts, 'choose_1');
  const refused = await sees(workspace, 'refused', ({ all }) => all.includes('*Retry* chosen by'));
  expect(refused.buttons).toEqual(['Retry', 'Close without a decision']);
  expect(review.answer()).toBeUndefined();
  await clickOn(world, card.ts, 'retry');
  expect(await review.answered).toMatchObject({ feedback: 'Retry' });
});

test('without options nothing can be typed, and the card takes a text', async () => {
  const world = await startFlowWorld();
  const review = world.flow.ask({ method: 'review_report', message: MESSAGE, output: 'The report' });
  const card = await sees(world.workspace, 'the card', ({ all }) => all.includes(MESSAGE));
  expect(card.buttons).toEqual(['Other answer…']);
  for (const typed of ['1', 'publish'])
    expect((await ask(world, `choose ${approvalOf(card)} ${typed}`)).all).toContain('It has no options');
  expect(review.answer()).toBeUndefined();
});
