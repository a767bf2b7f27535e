import { pino } from 'pino';
import { expect, test } from 'vitest';
import { CARD_DESIGN_VERSION } from '../../src/slack/views/card/card.ts';
import { openStore } from '../../src/store/open-store.ts';
import { eachRecord } from '../../src/store/record-store.ts';
import { Usage } from '../../src/store/usage.ts';
import { BUILT } from '../support/build.ts';
import { scaleLimit } from '../support/limits.ts';
import { makeOtherDrawing, WORDS } from '../support/next-build.ts';
import { kickoff, ready } from '../support/process-steps.ts';
import { describeEachServer } from '../support/servers.ts';
import { share } from '../support/shared.ts';
import { type SpawnedBot, spawnBot } from '../support/spawn-bot.ts';
import { shown, startWorld } from '../support/world.ts';

const SECOND = 1_000;
const CARDS = 20;

describeEachServer(
  'a rolling restart to a build of the same format that draws cards otherwise, on',
  (newUrl) => {
    const other = share(makeOtherDrawing);

    test('draws each waiting card anew once no earlier build runs, though killed in the middle; the earlier build draws none back', {
      timeout: scaleLimit(300_000),
    }, async () => {
      const world = await startWorld();
      const { workspace } = world;
      const settings = { STORE_URL: await newUrl() };
      const start = (built: string) => spawnBot(world, settings, [], built);
      const cards = () => shown(workspace).filter(ready);
      const updates = () =>
        workspace.calls.filter(({ method }) => method === 'chat.update').map(({ args }) => String(args.ts));
      const drawn = (words: string) => cards().filter(({ all }) => all.includes(words));

      const first = await start(BUILT);
      const second = await start(BUILT);
      for (let n = 0; n < CARDS; n += 1) kickoff(world, n % 2 === 0 ? first : second);
      await workspace.changed(() => drawn(WORDS.now).length === CARDS, { what: 'all cards' });
      expect(drawn(WORDS.next)).toEqual([]);

      const firstNew = await start(other());
      await stop(first);
      kickoff(world, firstNew);
      await workspace.changed(() => cards().length === CARDS + 1, { what: 'a card of both builds' });
      expect(updates(), 'the earlier build still draws').toEqual([]);
      await stop(second);
      const secondNew = await start(other());
      await workspace.changed(() => updates().length >= 3, {
        what: 'cards drawn anew',
        timeoutMs: 60 * SECOND,
      });
      await secondNew.kill();
      workspace.connectBot(`${firstNew.url}/slack/events`);
      await workspace.changed(() => drawn(WORDS.next).length === CARDS + 1, {
        what: 'all cards in the words of the new build',
        timeoutMs: 120 * SECOND,
      });
      // Both replicas can have found the cards before one wrote that they are drawn, and the kill interrupted one update.
      for (const { ts } of cards())
        expect(updates().filter((one) => one === ts).length).toBeLessThanOrEqual(3);
      expect(await readDrawing(settings.STORE_URL)).toBe(CARD_DESIGN_VERSION + 1);

      // A card that is due when a build stops is drawn by whichever build starts next.
      await expect.poll(() => countDue(settings.STORE_URL), { timeout: scaleLimit(60 * SECOND) }).toBe(0);
      await stop(firstNew);
      const before = updates().length;
      const back = await start(BUILT);
      kickoff(world, back);
      await workspace.changed(() => drawn(WORDS.now).length === 1, { what: 'a card of the earlier build' });
      expect(drawn(WORDS.next)).toHaveLength(CARDS + 1);
      expect(updates()).toHaveLength(before);
      expect(await readDrawing(settings.STORE_URL)).toBe(CARD_DESIGN_VERSION + 1);
      await stop(back);
    });
  },
);

async function stop(bot: SpawnedBot): Promise<void> {
  bot.signal('SIGTERM');
  expect(await bot.ended).toMatchObject({ code: 0 });
}

/** Cards that have to be drawn again. */
async function countDue(url: string): Promise<number> {
  const { records, close } = await openStore(url, pino({ enabled: false }), { besideBot: true });
  let due = 0;
  for await (const { raw } of eachRecord(records, 'approval')) if (raw.includes('"shown":""')) due += 1;
  await close();
  return due;
}

/** The number that the store has for the cards of the crew. */
async function readDrawing(url: string): Promise<number | undefined> {
  const { records, clock, close } = await openStore(url, pino({ enabled: false }), { besideBot: true });
  const { press } = await new Usage(records, clock).drawn.read();
  await close();
  return press?.drawing;
}
