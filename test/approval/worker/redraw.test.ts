import { describe, expect, test } from 'vitest';
import type { Language } from '../../../src/approval/model/crew/language.ts';
import { type DrawnCrews, redrawWaitingCards } from '../../../src/approval/worker/redraw.ts';
import { Usage } from '../../../src/store/usage.ts';
import { createMemoryRecords } from '../../support/memory-records.ts';
import { createWorld } from './worker-world.ts';

/** A card that waits, and starts of builds with these numbers and languages of crews. */
async function createStarts() {
  const world = createWorld();
  world.startWorker('a');
  const id = await world.shown();
  const { records } = createMemoryRecords(world.clock.now);
  const { drawn } = new Usage(records, world.clock);
  const updates = () => world.slack.filter((call) => call.do === 'update').length;
  /** How often the card was drawn again. */
  async function start(
    languages: Record<string, Language>,
    drawing = 1,
    use = drawn,
    stopping = new AbortController().signal,
  ): Promise<number> {
    const crews = new Map(
      Object.entries(languages).map(([name, language]) => [name, { ...world.crew, name, language }]),
    );
    const before = updates();
    await redrawWaitingCards({ ...world.app, crews }, use, drawing, stopping);
    await world.clock.advance(60_000);
    return updates() - before;
  }
  return { world, id, drawn, start };
}

test('the cards of a crew that was left out for one start are drawn again in its new language', async () => {
  const { start } = await createStarts();
  expect(await start({ press: 'en', other: 'en' })).toBe(0);
  expect(await start({ other: 'es' })).toBe(0);
  expect(await start({ press: 'es', other: 'es' })).toBe(1);
  expect(await start({ press: 'es', other: 'es' })).toBe(0);
});

describe('a build with a higher number of the drawing', () => {
  const press = { press: 'en' } as const;

  test('draws the cards again that wait, once', async () => {
    const { start, drawn } = await createStarts();
    await start(press, 0);
    expect(await start(press, 1)).toBe(1);
    expect(await start(press, 1)).toBe(0);
    expect(await drawn.read()).toEqual({ press: { language: 'en', drawing: 1 } });
  });

  test('is not undone by one with a lower number, which draws nothing back', async () => {
    const { start, drawn } = await createStarts();
    await start(press, 2);
    expect(await start(press, 1)).toBe(0);
    expect(await start({ press: 'es' }, 1), 'its language is another one').toBe(1);
    expect(await drawn.read()).toEqual({ press: { language: 'es', drawing: 2 } });
    expect(await start({ press: 'es' }, 2)).toBe(0);
  });

  test('is not undone by one with a lower number that writes at the same moment', async () => {
    const { start, drawn } = await createStarts();
    await start(press, 0);
    const meanwhile = {
      ...drawn,
      update: async (change: (before: DrawnCrews) => DrawnCrews) => {
        await drawn.update((now) => ({ ...now, press: { language: 'en', drawing: 3 } }));
        await drawn.update(change);
      },
    };
    await start({ press: 'es' }, 1, meanwhile);
    expect(await drawn.read()).toEqual({ press: { language: 'es', drawing: 3 } });
  });

  test('draws nothing more once the bot stops, and all at its next start', async () => {
    const { start, drawn } = await createStarts();
    await start(press, 0);
    const bot = new AbortController();
    const stopped = {
      ...drawn,
      read: async () => {
        bot.abort();
        return drawn.read();
      },
    };
    expect(await start(press, 1, stopped, bot.signal)).toBe(0);
    expect((await drawn.read()).press).toEqual({ language: 'en', drawing: 0 });
    expect(await start(press, 1)).toBe(1);
  });

  test('draws them at the next start if its first one was cut short', async () => {
    const { start, drawn } = await createStarts();
    await start(press, 0);
    const cut = { ...drawn, update: () => new Promise<never>(() => {}) };
    void start(press, 1, cut);
    expect((await drawn.read()).press).toEqual({ language: 'en', drawing: 0 });
    expect(await start(press, 1)).toBeGreaterThan(0);
    expect((await drawn.read()).press).toEqual({ language: 'en', drawing: 1 });
  });

  test('leaves settled cards as they are', async () => {
    const { world, id, start } = await createStarts();
    await world.approve(id);
    await world.clock.advance(60_000);
    await start(press, 0);
    expect(await start(press, 1)).toBe(0);
  });
});
