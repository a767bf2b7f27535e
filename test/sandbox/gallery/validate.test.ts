import { describe, expect, it } from 'vitest';
import type { PlannedFailure } from '../../../src/sandbox/failures.ts';
import { type GalleryView, showMessage, showView } from '../../../src/sandbox/gallery/gallery-view.ts';
import { validateViews } from '../../../src/sandbox/gallery/validate.ts';
import { plain, section } from '../../../src/slack/views/text/elements.ts';
import { startStage } from '../../slack/stage.ts';

const good = showMessage('a message', { text: 'Hello', blocks: [section('Hello')] });
const home = showView('a home tab', { type: 'home', blocks: [section('Hello')] });
const tooLong = showMessage('a long message', { text: 'Hello', blocks: [section('x'.repeat(3_001))] });
const wideTitle = showView('a modal', {
  type: 'modal',
  title: plain('A title of more than 24 characters'),
  blocks: [section('Hello')],
});

/** What Slack says of these views, and how long the gallery waited for it, in milliseconds. */
async function validated(views: GalleryView[], planned: PlannedFailure[] = []) {
  const { workspace, client } = await startStage();
  for (const failure of planned) workspace.failures.plan(failure);
  const waits: number[] = [];
  const validation = await validateViews(client, views, async (milliseconds) => {
    waits.push(milliseconds);
  });
  return { validation, waits, calls: workspace.calls };
}

describe('the check of views by Slack', () => {
  it('counts the views that Slack checked, and sends messages without their text', async () => {
    const { validation, calls } = await validated([good, home]);
    expect(validation).toEqual({ checked: 2, rejected: [] });
    expect(calls.map(({ args }) => Object.keys(args))).toEqual([['message'], ['view']]);
    expect(Object.keys(calls[0]?.args.message as object)).toEqual(['blocks']);
  });

  it('names each view that Slack rejects, with its reason and the place', async () => {
    const { validation } = await validated([good, tooLong, wideTitle]);
    expect(validation).toEqual({
      checked: 3,
      rejected: [
        'a long message: must be less than 3001 characters at /blocks/0/text/text.',
        'a modal: must be less than 25 characters at /title/text.',
      ],
    });
  });

  it('waits as long as Retry-After says and sends the same view again', async () => {
    const limited = { on: 'blocks.validate', times: 2, failure: { rateLimited: { retryAfter: 3 } } };
    const { validation, waits, calls } = await validated([good, home], [limited]);
    expect(validation).toEqual({ checked: 2, rejected: [] });
    expect(waits).toEqual([3_000, 3_000]);
    expect(calls.map(({ args }) => Object.keys(args)[0])).toEqual(['message', 'message', 'message', 'view']);
  });

  it('stops with what it knows where Slack limits it for long', async () => {
    const limited = { on: 'blocks.validate', failure: { rateLimited: { retryAfter: 1_800 } } };
    const { validation, waits } = await validated([good, home], [limited]);
    expect(validation).toEqual({
      checked: 0,
      rejected: [],
      stopped: 'Slack limits this check for 1800 s. Run it again later',
    });
    expect(waits).toEqual([]);
  });

  it.each([
    ['does not know the method', { error: 'unknown_method' }, /^Slack answers unknown_method$/],
    ['does not answer', { reset: true as const }, /^Slack cannot be reached \(.+\)$/],
  ])('blames no view where Slack %s', async (_, failure, reason) => {
    const { validation } = await validated([good, home], [{ on: 'blocks.validate', times: 9, failure }]);
    expect(validation).toEqual({ checked: 0, rejected: [], stopped: expect.stringMatching(reason) });
  });
});
