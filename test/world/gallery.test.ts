import { expect, test } from 'vitest';
import type { Output } from '../../src/approval/model/output.ts';
import { listGalleryParts } from '../gallery/parts.ts';
import {
  CHAPTERS,
  FOLDED_JSON,
  JSON_ROWS,
  LONG_CODE,
  LONG_REPORT,
  LONG_TABLE,
  RELEASE,
  STEPS,
} from '../gallery/samples.ts';
import { createWorld, SECOND, type World } from './world.ts';

const views = listGalleryParts().flatMap((part) => part.views);

/** What an output and the steps before it are shown with. */
const SHOWN = ['markdown', 'table', 'container'];

/** The types of these blocks with those of their children. */
const typesOf = (blocks: readonly unknown[]) =>
  (blocks as { type: string; child_blocks?: { type: string }[] }[])
    .filter(({ type }) => SHOWN.includes(type))
    .map(({ type, child_blocks = [] }) => [type, ...child_blocks.map((child) => child.type)].join(' '));

/** Of a card that the bot posts. */
async function post(world: World, output: Output, steps: number): Promise<string[]> {
  const { text } = output as { text: string };
  for (const { tool, input, result } of STEPS.slice(0, steps))
    await world.hook('step', { kickoff_id: 'e1', tool, tool_input: input, result });
  await world.hook('human-input', { execution_id: 'e1', task_id: 'draft', task_output: text });
  await world.pass(3 * SECOND);
  return typesOf(world.workspace.message('CAPPROVALS', world.card().ts)?.blocks ?? []);
}

test.each<[string, Output, number]>([
  ['card of a press release', RELEASE, 0],
  ['card of several chapters', CHAPTERS, 0],
  ['card of long code', LONG_CODE, 0],
  ['card of a long table', LONG_TABLE, 0],
  ['card of a long output', LONG_REPORT, 0],
  ['card of JSON rows', JSON_ROWS, 0],
  ['card of JSON that is folded', FOLDED_JSON, 0],
  ['card with one step', RELEASE, 1],
  ['card with many steps', RELEASE, STEPS.length],
  ['card with steps and a folded output', CHAPTERS, STEPS.length],
  ['card with steps and a long output', LONG_REPORT, STEPS.length],
])('the gallery draws its "%s" with the blocks that the bot posts', async (name, output, steps) => {
  const world = await createWorld({ dialect: 'documented', settings: { SHOW_STEPS: 'true' } });
  const view = views.find((one) => one.name === name);
  const drawn = view?.kind === 'message' ? typesOf(view.message.blocks) : [];
  expect(drawn).not.toEqual([]);
  expect(await post(world, output, steps)).toEqual(drawn);
});
