import { expect, onTestFinished, test, vi } from 'vitest';
import { Languages } from '../../../src/slack/app/languages.ts';

test('an answer waits half a second for the language of a person whom Slack does not describe, not longer', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const languages = new Languages(new Map(), {
    language: () => undefined,
    learn: () => new Promise(() => {}),
    channelId: () => undefined,
  });
  let goesOn = false;
  const learnt = languages
    .textsFor('UANA')()
    .then(() => {
      goesOn = true;
    });
  await vi.advanceTimersByTimeAsync(499);
  expect(goesOn).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(goesOn).toBe(true);
  await learnt;
});
