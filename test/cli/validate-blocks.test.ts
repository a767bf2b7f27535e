import { describe, expect, it } from 'vitest';
import { validateBlocks } from '../../src/cli/doctor/validate-blocks.ts';
import type { PlannedFailure } from '../../src/sandbox/failures.ts';
import { type GalleryView, showMessage, showView } from '../../src/slack/gallery/gallery-view.ts';
import { plain, section } from '../../src/slack/views/text/elements.ts';
import { startStage } from '../slack/stage.ts';

const good = showMessage('a message', { text: 'Hello', blocks: [section('Hello')] });
const home = showView('a home tab', { type: 'home', blocks: [section('Hello')] });
const tooLong = showMessage('a long message', { text: 'Hello', blocks: [section('x'.repeat(3_001))] });
const wideTitle = showView('a modal', {
  type: 'modal',
  title: plain('A title of more than 24 characters'),
  blocks: [section('Hello')],
});

/** What Slack says of these views, and how long the doctor waited for it, in milliseconds. */
async function validated(views: GalleryView[], planned: PlannedFailure[] = []) {
  const { workspace, client } = await startStage();
  for (const failure of planned) workspace.failures.plan(failure);
  const waits: number[] = [];
  const findings = await validateBlocks(client, views, async (milliseconds) => {
    waits.push(milliseconds);
  });
  return { findings, waits, calls: workspace.calls };
}

describe('the check of views by Slack', () => {
  it('counts the views that Slack accepts, and sends messages without their text', async () => {
    const { findings, calls } = await validated([good, home]);
    expect(findings).toEqual([{ about: 'blocks', state: 'ok', says: '2 views accepted.' }]);
    expect(calls.map(({ args }) => Object.keys(args))).toEqual([['message'], ['view']]);
    expect(Object.keys(calls[0]?.args.message as object)).toEqual(['blocks']);
  });

  it('names each view that Slack refuses, with its reason and the place', async () => {
    const { findings } = await validated([good, tooLong, wideTitle]);
    expect(findings).toEqual([
      {
        about: 'blocks',
        state: 'failed',
        says: 'a long message: must be less than 3001 characters at /blocks/0/text/text.',
      },
      { about: 'blocks', state: 'failed', says: 'a modal: must be less than 25 characters at /title/text.' },
    ]);
  });

  it('waits as long as Retry-After says and sends the same view again', async () => {
    const limited = { on: 'blocks.validate', times: 2, failure: { rateLimited: { retryAfter: 3 } } };
    const { findings, waits, calls } = await validated([good, home], [limited]);
    expect(findings).toEqual([{ about: 'blocks', state: 'ok', says: '2 views accepted.' }]);
    expect(waits).toEqual([3_000, 3_000]);
    expect(calls.map(({ args }) => Object.keys(args)[0])).toEqual(['message', 'message', 'message', 'view']);
  });

  it('stops with what it knows where Slack limits it for long', async () => {
    const limited = { on: 'blocks.validate', failure: { rateLimited: { retryAfter: 1_800 } } };
    const { findings, waits } = await validated([good, home], [limited]);
    expect(findings).toEqual([
      {
        about: 'blocks',
        state: 'warning',
        says: '0 of 2 views checked: Slack limits this check for 1800 s; run it again later.',
      },
    ]);
    expect(waits).toEqual([]);
  });

  it.each([
    [
      'does not know the method',
      { error: 'unknown_method' },
      /^0 of 2 views checked: Slack answers unknown_method\.$/,
    ],
    ['does not answer', { reset: true as const }, /^0 of 2 views checked: Slack cannot be reached \(.+\)\.$/],
  ])('blames no view where Slack %s', async (_, failure, says) => {
    const { findings } = await validated([good, home], [{ on: 'blocks.validate', times: 9, failure }]);
    expect(findings).toEqual([{ about: 'blocks', state: 'warning', says: expect.stringMatching(says) }]);
  });
});
