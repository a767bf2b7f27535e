import { expect, test } from 'vitest';
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
