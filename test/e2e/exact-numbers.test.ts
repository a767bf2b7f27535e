import axios from 'axios';
import { describe, expect, test } from 'vitest';
import { clickOn, ready } from '../support/process-steps.ts';
import { type Bot, type Shown, sees, startBot, startWorld, type World } from '../support/world.ts';

/** A webhook whose output is this JSON, to the letter: JavaScript would round its numbers. */
async function deliver(
  bot: Bot,
  output: string,
  kind = 'task',
  fields = '"kickoff_id":"run-1","name":"draft"',
) {
  const body = Buffer.from(`{${fields},${kind === 'task' ? '"output"' : '"task_output"'}:${output}}`);
  const { status, data } = await axios.post<{ status: string; approval: string; round: number }>(
    bot.webhook(kind),
    body,
    { headers: { 'content-type': 'application/json' } },
  );
  expect(status).toBe(202);
  return data;
}

async function start() {
  const world = await startWorld(undefined, { dialect: 'documented' });
  return { ...world, world, bot: await startBot(world) };
}

const cardOf = ({ workspace }: World, round: number): Promise<Shown> =>
  sees(
    workspace,
    `the card of round ${round}`,
    (message) => ready(message) && message.all.includes('(round 2)') === round > 1,
  );
/** What a person has before them in a modal, once it says so. */
async function modal({ workspace }: World, what: string): Promise<string> {
  const all = () => JSON.stringify(workspace.openView('UANA')?.blocks ?? '');
  await workspace.changed(() => all().includes(what), { what: `a modal: ${what}` });
  return all();
}
async function home({ workspace }: World, what: string): Promise<string> {
  const all = () => JSON.stringify(workspace.home('UANA')?.blocks ?? '');
  await workspace.openHome({ user: 'UANA' });
  await workspace.changed(() => all().includes(what), { what: `the home tab: ${what}` });
  return all();
}
const styled = (blocks: string) => blocks.match(/\{"type":"text","text":"[^"]*","style":\{[^{}]*\}\}/g);

describe('an output with a number that no double holds', () => {
  const flat = (last: string) =>
    `{"order": 12345678901234567${last}, "limit": 1e400, "note": "for Ana", "note": "for Ben"}`;

  test('is on the card and in the inbox as it was sent, and with another last digit it is a new round', async () => {
    const { world, workspace, platform, bot } = await start();
    const first = await deliver(bot, flat('890'));
    expect(first).toMatchObject({ status: 'created', round: 1 });
    const card = await cardOf(world, 1);
    expect(card.all).toContain(flat('890'));
    expect(card.reading).not.toContain('Read in full');
    const inbox = await home(world, 'One approval is waiting for you');
    for (const shown of ['12345678901234567890', '1e400', 'for Ana', 'for Ben'])
      expect(inbox.replaceAll('\u200b', '')).toContain(shown);

    // The same again, as an object, as a string and without blanks.
    for (const again of [flat('890'), JSON.stringify(flat('890')), flat('890').replaceAll('": ', '":')])
      expect(await deliver(bot, again)).toEqual({ ...first, status: 'duplicate' });
    expect(workspace.messages('CAPPROVALS')).toHaveLength(1);

    expect(await deliver(bot, flat('999'))).toEqual({ ...first, status: 'created', round: 2 });
    const second = await cardOf(world, 2);
    expect(second.all).toContain(flat('999'));
    await sees(
      workspace,
      'the first card is over',
      ({ ts, buttons }) => ts === card.ts && buttons.length === 0,
    );
    await clickOn(world, second.ts, 'what_changed');
    expect(styled(await modal(world, 'Added'))).toEqual([
      '{"type":"text","text":"12345678901234567890","style":{"strike":true}}',
      '{"type":"text","text":"12345678901234567999","style":{"bold":true}}',
    ]);
    expect(await home(world, '12345678901234567999')).not.toContain('12345678901234567890');
    // What was known before is no news, and the run goes on with a decision on the second only.
    expect(await deliver(bot, flat('890'))).toMatchObject({ status: 'duplicate', round: 2 });
    await clickOn(world, second.ts, 'approve');
    await platform.changed(() => platform.resumes.length === 1, { what: 'the decision' });
    await sees(
      workspace,
      'it is decided',
      ({ ts, all }) => ts === second.ts && all.includes('Approved by <@UANA>'),
    );
  });

  test('is one pause by both routes, a string by one and an object by the other', async () => {
    const { world, workspace, bot } = await start();
    const python = '{"order": 12345678901234567890, "price": 1.0, "rate": 1e+16, "name": "Caf\\u00e9"}';
    const created = await deliver(bot, JSON.stringify(python));
    const card = await cardOf(world, 1);
    for (const literal of ['12345678901234567890', '1.0', '1e+16', 'Café'])
      expect(card.all).toContain(literal);
    const ids = '"execution_id":"run-1","task_id":"pause-1","task_name":"draft"';
    const object = '{"name":"Café","order":12345678901234567890,"price":1,"rate":10000000000000000}';
    expect(await deliver(bot, object, 'human-input', ids)).toEqual({ ...created, status: 'duplicate' });
    expect(workspace.messages('CAPPROVALS')).toHaveLength(1);
    const other = object.replace('567890', '567891');
    expect(await deliver(bot, other, 'human-input', ids.replace('pause-1', 'pause-2'))).toEqual({
      ...created,
      status: 'created',
      round: 2,
    });
  });

  test('is in full in a modal and in a file when the output is long', async () => {
    const { world, workspace, bot } = await start();
    const words = 'Linen is grown in each of the last five years. '.repeat(4);
    const chapters = Array.from({ length: 300 }, (_, n) => `{"chapter": ${n}, "words": ["${words}"]}`);
    const long = (last: string) =>
      `{"order": 12345678901234567${last}, "limit": 1e400, "key": 1, "key": 2, "chapters": [${chapters.join()}], "end": 0.1000000000000000055}`;
    await deliver(bot, long('890'));
    const card = await cardOf(world, 1);
    expect(card.all).toContain('"order": 12345678901234567890');
    expect(card.reading).toContain('Read in full');
    await clickOn(world, card.ts, 'read_in_full');
    const page = await modal(world, 'page 1 of');
    for (const literal of ['12345678901234567890', '1e400']) expect(page).toContain(literal);
    expect(page).toMatch(/key\\*": 1\b.{0,80}key\\*": 2\b/);

    const contents = () =>
      workspace.files().map(({ name, content }) => [name, content?.toString('utf8') ?? ''] as const);
    await workspace.changed(() => workspace.files().some(({ channel }) => channel), { what: 'the file' });
    const [[name, content] = ['', '']] = contents();
    expect(name).toBe('draft-round-1.json');
    expect(content).toBe(long('890'));

    expect(await deliver(bot, long('999'))).toMatchObject({ status: 'created', round: 2 });
    await workspace.changed(
      () => contents().some(([file, text]) => file === 'draft-round-2.json' && text.includes('567999')),
      { what: 'the file of round 2' },
    );
  });
});
