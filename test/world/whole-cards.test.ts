import { expect, test } from 'vitest';
import { MENU } from '../../src/slack/app/ids.ts';
import { clean } from '../../src/slack/views/text/escape.ts';
import { createWorld, SECOND, type World } from './world.ts';

const LONG = Array.from(
  { length: 6 },
  (_, part) => `## Part ${part + 1}\n\n${'A sentence of this part. '.repeat(30)}\n\n- first\n- second`,
).join('\n\n');

async function cardOf(world: World, output: string, meta: object = {}) {
  await world.hook('human-input', { execution_id: 'e1', task_id: 'draft', task_output: output, meta });
  await world.pass(3 * SECOND);
  const card = world.card();
  const blocks = (world.workspace.message('CAPPROVALS', card.ts)?.blocks ?? []) as unknown as Record<
    string,
    unknown
  >[];
  return { card, blocks, folded: blocks.find(({ type }) => type === 'container') };
}

test('an output of several pages is on the card whole: its beginning open, the rest folded', async () => {
  const world = await createWorld({ dialect: 'documented' });
  const { card, folded } = await cardOf(world, LONG);
  expect(folded).toMatchObject({ is_collapsible: true, default_collapsed: true });
  for (let part = 1; part <= 6; part += 1) expect(card.text).toContain(`Part ${part}`);
  expect(clean(card.text).match(/A sentence of this part\./g)).toHaveLength(180);
  expect(card.buttons).not.toContain('read_in_full');
});

test('what is folded is split between rows and words: a table keeps its head, no word and no cell is torn', async () => {
  const world = await createWorld({ dialect: 'documented' });
  const rows = Array.from({ length: 21 }, (_, n) => `| Item ${n + 1} | ${n + 1},000,000 |`).join('\n');
  const table = `| Name | Amount |\n|---|---|\n| ${'x'.repeat(78)} | 5 |\n${rows}`;
  const { folded } = await cardOf(world, `${'Intro. '.repeat(200)}\n\n${table}\n\n${'Words. '.repeat(120)}`);
  const parts = ((folded?.child_blocks ?? []) as { text: { text: string } }[]).map(({ text }) => text.text);
  const all = parts.join('\n');
  for (let n = 1; n <= 21; n += 1) expect(all).toContain(`${n},000,000`);
  expect(all.match(/Words\./g)).toHaveLength(120);
  for (const part of parts.filter((text) => text.includes(',000,000'))) expect(part).toContain('Amount');
});

test('an output that no card holds is cut, and read in full', async () => {
  const world = await createWorld({ dialect: 'documented' });
  const { card, folded } = await cardOf(world, LONG.repeat(2));
  expect(folded).toBeUndefined();
  expect(card.buttons).toContain('read_in_full');
});

test('a workspace that refuses what can be unfolded gets the card without it, and is not asked again for a day', async () => {
  const world = await createWorld({ dialect: 'documented' });
  world.workspace.failures.plan({
    on: 'chat.postMessage',
    failure: { error: 'invalid_blocks' },
  });
  const { card, folded } = await cardOf(world, LONG);
  expect(folded).toBeUndefined();
  expect(card.buttons).toContain('read_in_full');
  await world.choose('UANA', MENU.approveWithNote);
  expect(world.form('UANA')).toMatch(/You have seen [\d,]+ of [\d,]+ characters of this\./);
  const posts = () => world.workspace.calls.filter(({ method }) => method === 'chat.postMessage').length;
  const before = posts();
  await world.hook('human-input', { execution_id: 'e2', task_id: 'draft', task_output: LONG });
  await world.pass(3 * SECOND);
  expect(posts()).toBe(before + 1);
  expect(world.card().buttons).toContain('read_in_full');
});

test('a card names its run by the title and the link in meta, or by its inputs; nothing else becomes a link', async () => {
  const world = await createWorld({ dialect: 'documented' });
  const url = 'https://erp.example.com/runs/7?a=1&b=2';
  const { card } = await cardOf(world, 'Text', { title: 'Spring <campaign>', url });
  expect(card.text).toContain('Run: <https://erp.example.com/runs/7?a=1&amp;b=2|Spring &lt;campaign&gt;>');
  for (const [meta, shown] of [
    [{ title: 'Spring', url: 'javascript:alert(1)' }, 'Run: Spring'],
    [
      { title: 'erp.example.com/runs/7', url: 'https://erp.example.net/x' },
      'Run: erp.example.com/runs/7 (<https://erp.example.net/x>)',
    ],
    [{ url: 'http://erp.example.com' }, undefined],
    [{ inputs: { topic: 'rain', year: 2026, more: {} } }, 'Run: topic: rain · year: 2026'],
    [{ title: ['x'], url: 'https://user:pass@erp.example.com' }, undefined],
  ] as const) {
    const other = await createWorld({ dialect: 'documented' });
    const { text } = (await cardOf(other, 'Text', meta)).card;
    if (shown) expect(text).toContain(shown);
    else expect(text).not.toContain('Run: ');
  }
});

test('the card that a thread begins with says how its last round ended', async () => {
  const world = await createWorld({ dialect: 'documented' });
  await world.shown();
  await world.revise('UANA', 'Shorter');
  await world.pass(5 * SECOND);
  expect(world.cards()[0]?.outcome).toBeUndefined();
  await world.click('UBEN', 'approve');
  await world.pass(5 * SECOND);
  expect(world.cards()[0]?.outcome).toContain('Round 2: Approved by <@UBEN>.');
});

const step = (n: number, more: object = {}) => ({
  kickoff_id: 'e1',
  prompt: 'THE PROMPT',
  thought: 'THE THOUGHT',
  tool: `search_${n}`,
  tool_input: { topic: `question ${n}` },
  result: `answer ${n}`,
  ...more,
});

test('the steps of an agent are folded below its output, each cut, without prompt, thought and secrets', async () => {
  const world = await createWorld({ dialect: 'documented', settings: { SHOW_STEPS: 'true' } });
  const card = async (output: string, task = 'draft') => {
    await world.hook('human-input', { execution_id: 'e1', task_id: task, task_output: output });
    await world.pass(3 * SECOND);
    const blocks = world.workspace.message('CAPPROVALS', world.card().ts)?.blocks ?? [];
    const folded = (blocks as unknown as { type: string; title: { text: string } }[]).filter(
      ({ type }) => type === 'container',
    );
    return { text: world.card().text, titles: folded.map(({ title }) => title.text) };
  };
  await world.hook('step', step(1));
  await world.hook(
    'step',
    step(2, { result: `key ${'a-webhook-secret-of-crewai'} <!channel> ${'x'.repeat(60_000)}` }),
  );
  await world.hook('step', { kickoff_id: 'e1', prompt: 'THE PROMPT', thought: 'THE THOUGHT' });
  const first = await card('The first output');
  expect(first.titles).toEqual(['Recent steps of the run (2)']);
  for (const words of ['search_1', 'question 1', 'answer 1', 'search_2']) expect(first.text).toContain(words);
  for (const words of ['THE PROMPT', 'THE THOUGHT', 'a-webhook-secret'])
    expect(first.text).not.toContain(words);
  expect(first.text.length).toBeLessThan(6_000);
  // They belong to the card before; a step never updates a card.
  const calls = () => world.workspace.calls.length;
  const before = calls();
  await world.hook('step', step(3));
  await world.pass(10 * SECOND);
  expect(calls()).toBe(before);
  const second = await card('The second output', 'publish');
  expect(second.text).toContain('search_3');
  expect(second.text).not.toContain('search_2');
  for (let n = 10; n < 50; n += 1) await world.hook('step', step(n));
  const third = await card(LONG, 'translate');
  expect(third.titles[0]).toContain('The rest of the output');
  expect(third.titles[1]).toMatch(/^Recent steps of the run \(last \d+ of 30\)$/);
});

test('a task between two pauses ends the steps that are shown, and no step is shown where that is not set', async () => {
  const world = await createWorld({ dialect: 'documented', settings: { SHOW_STEPS: 'true' } });
  await world.hook('human-input', { execution_id: 'e1', task_id: 'plan', task_output: 'A plan' });
  await world.hook('step', step(1));
  await world.hook('task', { kickoff_id: 'e1', name: 'research', output: 'Facts', agent: 'Researcher' });
  await world.hook('step', step(2));
  await world.hook('human-input', { execution_id: 'e1', task_id: 'draft', task_output: 'A draft' });
  await world.pass(3 * SECOND);
  expect(world.card().text).toContain('search_2');
  expect(world.card().text).not.toContain('search_1');
  const other = await createWorld({ dialect: 'documented' });
  await other.hook('step', step(1));
  expect((await cardOf(other, 'Text')).card.text).not.toContain('search_1');
});

test('the bot asks for steps at a start and with each decision where cards show them', async () => {
  const world = await createWorld({ dialect: 'documented', settings: { SHOW_STEPS: 'true' } });
  const kickoffs: object[] = [];
  world.network.watchers.push(({ url, body }) => {
    if (url.endsWith('/kickoff')) kickoffs.push(JSON.parse(body ?? ''));
  });
  await world.type('UANA', 'run press');
  await world.submit('UANA', {});
  const step = expect.stringContaining('/webhooks/press/step?token=');
  expect(kickoffs).toMatchObject([{ stepWebhookUrl: step }]);
  await world.click('UANA', 'approve');
  await world.pass(5 * SECOND);
  expect(world.resumes().at(-1)).toMatchObject({ stepWebhookUrl: step });
});
