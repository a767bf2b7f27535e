import { expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { ask } from '../support/asking.ts';
import { startFlow, startFlowWorld } from '../support/flow-world.ts';
import { clickOn } from '../support/process-steps.ts';
import { approvalOf, sees, startBot } from '../support/world.ts';
import { modalSays, says } from './complaint-steps.ts';
import { CHANNELS, startChannels } from './flow-channels.ts';

const MESSAGE = 'What should become of the report?';
/** Alike for longer than a button shows, and with everything that a text for Slack could change. */
const long = (number: number) =>
  `Publish it  as *it* is, <!channel> & tell "everyone" about the ${'very '.repeat(20)}good report ${number}`
    .padEnd(200, '.')
    .slice(0, 200);
const longOptions = (count: number) => Array.from({ length: count }, (_, index) => long(index + 1));

test('options of 200 characters arrive verbatim from a button, a list, a form with a note, and typed', async () => {
  const flow = await startFlow();
  const { world, settings } = await startChannels(`callback_hosts: ["${new URL(flow.baseUrl).host}"]`);
  const { workspace } = world;
  const bot = await startBot(world, settings);
  flow.sendTo(`${bot.url}/webhooks/press/flow`);
  /** The card of a review in the next channel, which Slack took as it was sent, and what its list offers. */
  const asks = async (emit: string[]) => {
    const number = flow.reviews.length;
    const review = flow.ask({ method: `review_${number}`, message: MESSAGE, output: 'The report', emit });
    const channel = CHANNELS[number] as string;
    const card = await sees(workspace, 'the card', ({ approval }) => approval !== undefined, channel);
    const list: { label: string; value: string }[] = [];
    JSON.stringify(workspace.message(channel, card.ts)?.blocks, (_, value) => {
      if (value?.type === 'static_select')
        for (const { text, value: chosen } of value.options) list.push({ label: text.text, value: chosen });
      return value;
    });
    return { review, card, list, at: { user: 'UANA', channel, ts: card.ts } };
  };

  for (const count of [1, 5]) {
    const { review, card, at } = await asks(longOptions(count));
    expect(new Set(card.buttons).size).toBe(count + 1);
    await workspace.click({ ...at, actionId: `choose_${count}` });
    expect(await review.answered).toMatchObject({ feedback: long(count), source: 'slack' });
  }
  for (const count of [6, 60]) {
    const { review, card, list, at } = await asks(longOptions(count));
    expect(card.buttons).toEqual(['Other answer…']);
    expect(list.map(({ label }) => Number.parseInt(label, 10))).toEqual(
      longOptions(count).map((_, index) => index + 1),
    );
    const selected = list.at(-1)?.value ?? '';
    await workspace.click({ ...at, actionId: 'choose_from_list', selected });
    expect(await review.answered).toMatchObject({ feedback: long(count), source: 'slack' });
  }
  for (const typed of ['60', long(31)]) {
    const { review, card } = await asks(longOptions(60));
    expect((await ask(world, `choose ${approvalOf(card)} ${typed}`)).all).toContain('You chose');
    expect(await review.answered).toMatchObject({ feedback: typed === '60' ? long(60) : typed });
  }
  const { review, list, at } = await asks(longOptions(60));
  const selected = list[0]?.value.replace(/^0:/, 'choose_note:') ?? '';
  await workspace.click({ ...at, actionId: 'more', selected });
  await modalSays(world, 'UANA', 'option');
  const values = { option: { option: '59' }, feedback: { feedback: 'As we agreed.' } };
  expect(await workspace.submit({ user: 'UANA', values })).toMatchObject({ acked: true, closed: true });
  expect(await review.answered).toMatchObject({ feedback: long(60) });
  const note = await sees(workspace, 'the note', ({ all }) => all.includes('As we agreed.'), at.channel);
  expect(note.thread_ts).toBe(at.ts);
  expect(workspace.calls.filter(({ answer }) => answer?.ok === false)).toEqual([]);
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
  const id = approvalOf(card);
  for (const text of [id, 'waiting', 'mine', `choose ${id} nonsense`, `choose ${id} 100`])
    await ask(world, text);
  expect(await review.answered).toMatchObject({ feedback: emit[99] });
  await says(world, card.ts, 'CrewAI accepted it');
});

test('equal options are one, an empty one is none, and one called Retry is an answer like any other', async () => {
  const world = await startFlowWorld();
  const { flow, workspace } = world;
  const emit = ['Retry', 'publish', 'publish', '', ' ', 'Close without a decision'];
  const review = flow.ask({ method: 'review_report', message: MESSAGE, emit });
  const card = await sees(workspace, 'the card', ({ all }) => all.includes(MESSAGE));
  expect(card.buttons).toEqual(['Retry', 'publish', 'Close without a decision', 'Other answer…']);
  flow.failures.plan({ on: 'respond', failure: { status: 404 } });
  await clickOn(world, card.ts, 'choose_1');
  const refused = await says(world, card.ts, texts.crewai.failures.unknown_review);
  expect(refused.all).toContain('*Retry* chosen by');
  expect(refused.buttons).toEqual(['Retry', 'Close without a decision']);
  expect(review.answer()).toBeUndefined();
  await clickOn(world, card.ts, 'retry');
  expect(await review.answered).toMatchObject({ feedback: 'Retry' });
});
