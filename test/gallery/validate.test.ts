import { expect, it } from 'vitest';
import type { Failure } from '../../src/sandbox/failures.ts';
import { section } from '../../src/slack/views/text/elements.ts';
import { blockMethods } from '../sandbox/slack/methods-blocks.ts';
import { startStage } from '../slack/stage.ts';
import { type GalleryView, showMessage, showView } from './gallery-view.ts';
import { validateViews } from './validate.ts';

const good = showMessage('a message', { text: 'Hello', blocks: [section('Hello')] });
const home = showView('a home tab', { type: 'home', blocks: [section('Hello')] });

/** What Slack says of these views, what was sent, and how long the gallery waited for it, in milliseconds. */
async function validate(views: GalleryView[], failure?: Failure, times = 1) {
  const { workspace, client } = await startStage({ methods: blockMethods });
  if (failure) workspace.failures.plan({ on: 'blocks.validate', times, failure });
  const waits: number[] = [];
  const validation = await validateViews(
    client,
    views,
    async (milliseconds) => void waits.push(milliseconds),
  );
  return { validation, waits, sent: workspace.calls.map(({ args }) => args) };
}

it('counts the views that Slack checked, and sends messages without their text', async () => {
  const { validation, sent } = await validate([good, home]);
  expect(validation).toEqual({ checked: 2, rejected: [] });
  expect(sent).toEqual([{ message: { blocks: expect.any(Array) } }, { view: expect.any(Object) }]);
});

it('waits as long as Retry-After says and sends the same view again', async () => {
  const { validation, waits, sent } = await validate([good, home], { rateLimited: { retryAfter: 3 } }, 2);
  expect(validation).toEqual({ checked: 2, rejected: [] });
  expect(waits).toEqual([3_000, 3_000]);
  expect(sent.flatMap((args) => Object.keys(args))).toEqual(['message', 'message', 'message', 'view']);
});

it.each<[string, Failure, RegExp]>([
  [
    'limits it for long',
    { rateLimited: { retryAfter: 1_800 } },
    /^Slack limits this check for 1800 s. Run it again later$/,
  ],
  ['does not know the method', { error: 'unknown_method' }, /^Slack answers unknown_method$/],
  ['does not answer', { reset: true }, /^Slack cannot be reached \(.+\)$/],
])('stops at once and blames no view if Slack %s', async (_, failure, reason) => {
  const { validation, waits } = await validate([good, home], failure, 9);
  expect(validation).toEqual({ checked: 0, rejected: [], stopped: expect.stringMatching(reason) });
  expect(waits).toEqual([]);
});
