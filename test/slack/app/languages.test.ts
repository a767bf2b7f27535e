import { expect, onTestFinished, test, vi } from 'vitest';
import type { Language } from '../../../src/approval/model/crew/language.ts';
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

test('all answers to one interaction are in one language, also where it is known only after the first', async () => {
  let known: Language | undefined;
  const languages = new Languages(new Map(), {
    language: () => known,
    learn: async () => {},
    channelId: () => undefined,
  });
  const texts = languages.textsFor('UANA');
  expect((await texts()).language).toBe('en');
  known = 'es';
  expect((await texts()).language).toBe('en');
  expect((await languages.textsFor('UANA')()).language).toBe('es');
});

test('a message to a person whose language is not known is in that of the crew which it is about', async () => {
  const crews = new Map([
    ['press', { language: 'es' as const, channels: ['C1'] }],
    ['sales', { language: 'pt-BR' as const, channels: ['C1'] }],
  ]);
  const people = {
    language: () => undefined,
    learn: async () => {},
    channelId: (channel: string) => channel,
  };
  const languages = new Languages(crews, people);
  const answers = [{ crew: 'sales' }, { channel: 'C1' }, {}].map((of) => languages.textsFor('UANA', of)());
  expect((await Promise.all(answers)).map(({ language }) => language)).toEqual(['pt-BR', 'es', 'en']);
});
