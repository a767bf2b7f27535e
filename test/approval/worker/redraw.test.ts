import { expect, test } from 'vitest';
import type { Language } from '../../../src/approval/model/crew/language.ts';
import { redrawInNewLanguages } from '../../../src/approval/worker/redraw.ts';
import { createWorld } from './worker-world.ts';

test('the cards of a crew that was left out for one start are drawn again in its new language', async () => {
  const world = createWorld();
  world.startWorker('a');
  const id = await world.shown();
  let stored: Record<string, string> = {};
  const drawn = {
    read: async () => stored,
    async write(languages: Readonly<Record<string, string>>) {
      stored = { ...languages };
    },
  };
  const start = async (languages: Record<string, Language>) => {
    const crews = new Map(
      Object.entries(languages).map(([name, language]) => [name, { ...world.crew, name, language }]),
    );
    await redrawInNewLanguages({ ...world.app, crews }, drawn);
    const isDrawnAgain = (await world.round(id)).card?.shown === '';
    await world.clock.advance(60_000);
    return isDrawnAgain;
  };
  expect(await start({ press: 'en', other: 'en' })).toBe(false);
  expect(await start({ other: 'es' })).toBe(false);
  expect(await start({ press: 'es', other: 'es' })).toBe(true);
  expect(await start({ press: 'es', other: 'es' })).toBe(false);
});
