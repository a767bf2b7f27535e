import { expect, test } from 'vitest';
import { clickOn } from '../support/process-steps.ts';
import { type Bot, startBot, startWorld } from '../support/world.ts';
import { homeSays, http, modalSays, says, waits } from './complaint-steps.ts';

/** A webhook whose output is this JSON, to the letter: JavaScript would round its numbers. */
async function deliver(bot: Bot, output: string) {
  const body = Buffer.from(`{"kickoff_id":"run-1","name":"draft","output":${output}}`);
  const headers = { 'content-type': 'application/json' };
  const { status, data } = await http.post(bot.webhook('task'), body, { headers });
  expect(status).toBe(202);
  return data as { status: string; approval: string; round: number };
}

async function start() {
  const world = await startWorld(undefined, { dialect: 'documented' });
  return { ...world, world, bot: await startBot(world) };
}

test('numbers that no double holds and keys that stand twice are shown as sent; another last digit is a new round', async () => {
  const { world, workspace, platform, bot } = await start();
  const sent = (last: string) =>
    `{"order": 12345678901234567${last}, "limit": 1e400, "note": "for Ana", "note": "for Ben"}`;
  const first = await deliver(bot, sent('890'));
  expect(first).toMatchObject({ status: 'created', round: 1 });
  const card = await waits(world, sent('890'));
  expect(card.reading).not.toContain('Read in full');
  const inbox = await homeSays(world, 'UANA', 'One approval is waiting for you');
  for (const part of ['12345678901234567890', '1e400', 'for Ana', 'for Ben'])
    expect(inbox.replaceAll('\u200b', '')).toContain(part);

  // The same again, as an object, as a string and without blanks.
  for (const again of [sent('890'), JSON.stringify(sent('890')), sent('890').replaceAll('": ', '":')])
    expect(await deliver(bot, again)).toEqual({ ...first, status: 'duplicate' });
  expect(workspace.messages('CAPPROVALS')).toHaveLength(1);

  expect(await deliver(bot, sent('999'))).toEqual({ ...first, status: 'created', round: 2 });
  const second = await waits(world, sent('999'));
  expect((await says(world, card.ts, 'A newer output replaced this one')).buttons).toEqual([]);
  await clickOn(world, second.ts, 'what_changed');
  const changes = await modalSays(world, 'UANA', 'Added');
  expect(changes.match(/\{"type":"text","text":"[^"]*","style":\{[^{}]*\}\}/g)).toEqual([
    '{"type":"text","text":"12345678901234567890","style":{"strike":true}}',
    '{"type":"text","text":"12345678901234567999","style":{"bold":true}}',
  ]);
  expect(await homeSays(world, 'UANA', '12345678901234567999')).not.toContain('12345678901234567890');
  // An older output is no news, and the run goes on with a decision on the second only.
  expect(await deliver(bot, sent('890'))).toMatchObject({ status: 'duplicate', round: 2 });
  await clickOn(world, second.ts, 'approve');
  await platform.changed(() => platform.resumes.length === 1, { what: 'the decision' });
  await says(world, second.ts, 'Approved by <@UANA>');
});

test('a long output is read page by page in a modal, and each round of it comes as a file, number for number', async () => {
  const { world, workspace, bot } = await start();
  const words = 'Linen is grown in each of the last five years. '.repeat(4);
  const chapters = Array.from({ length: 300 }, (_, n) => `{"chapter": ${n}, "words": ["${words}"]}`);
  const long = (last: string) =>
    `{"order": 12345678901234567${last}, "limit": 1e400, "key": 1, "key": 2, "chapters": [${chapters.join()}]}`;
  await deliver(bot, long('890'));
  const card = await waits(world, '"order": 12345678901234567890');
  expect(card.reading).toContain('Read in full');
  await clickOn(world, card.ts, 'read_in_full');
  const page = await modalSays(world, 'UANA', 'page 1 of');
  for (const literal of ['12345678901234567890', '1e400']) expect(page).toContain(literal);
  expect(page).toMatch(/key\\*": 1\b.{0,80}key\\*": 2\b/);
  await workspace.clickInView({ user: 'UANA', actionId: 'page_after' });
  await modalSays(world, 'UANA', 'page 2 of');

  const files = () =>
    workspace.files().map(({ name, content }) => ({ name, text: content?.toString('utf8') }));
  await workspace.changed(() => workspace.files().some(({ channel }) => channel), { what: 'the file' });
  expect(files()).toEqual([{ name: 'draft-round-1.json', text: long('890') }]);
  expect(await deliver(bot, long('999'))).toMatchObject({ status: 'created', round: 2 });
  await workspace.changed(
    () => files().some(({ name, text = '' }) => name === 'draft-round-2.json' && text === long('999')),
    { what: 'the file of round 2' },
  );
});
