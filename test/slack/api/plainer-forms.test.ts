import { WebAPIPlatformError } from '@slack/web-api';
import { expect, onTestFinished, test, vi } from 'vitest';
import { PlainerForms } from '../../../src/slack/api/plainer-forms.ts';
import type { MessageView } from '../../../src/slack/views/message-view.ts';

const HOUR = 60 * 60_000;

test('a workspace that refused a container gets none for a day, then it is tried again', async () => {
  let now = 1_000;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  onTestFinished(() => clock.mockRestore());
  const forms = new PlainerForms();
  const tried: string[] = [];
  const send = async () => {
    tried.length = 0;
    await forms.send(
      'approval-1',
      (form) => ({ text: form, blocks: [{ type: 'markdown', text: form }] }) as MessageView,
      async ({ text }) => {
        tried.push(text);
        if (text === 'whole') throw new WebAPIPlatformError({ ok: false, error: 'invalid_blocks' });
      },
    );
    return [...tried];
  };
  expect(await send()).toEqual(['whole', 'full']);
  now += 24 * HOUR - 1;
  expect(await send()).toEqual(['full']);
  now += 1;
  expect(await send()).toEqual(['whole', 'full']);
});
