import type { Built } from './support/build.ts';
import { type Measurement, rounds } from './support/measurement.ts';
import { pause } from './support/process.ts';
import { atMost, figure } from './support/report.ts';
import { fillStore } from './support/seed.ts';
import { median, spread } from './support/statistics.ts';
import { databaseIn, inFolder, startBot, startMemoryBot, startWorld } from './support/world.ts';

const IDLE_MB = 90;
const MORE_WITH_MANY_MB = 20;
const MANY = 100_000;
const MANY_QUICK = 10_000;

/** Resident memory of an idle bot, with an empty store and with many approvals stored, beside a bot in memory. */
export const memory: Measurement = async ({ built, quick, progress }) => {
  const many = quick ? MANY_QUICK : MANY;
  const count = quick ? 2 : 3;
  const [product, reference] = [
    await idleRss(built, startBot, 0, count),
    await idleRss(built, startMemoryBot, 0, count),
  ];
  progress(`with ${many} stored`);
  const full = await idleRss(built, startBot, many, count);
  const idle = spread(product);
  const more = spread(full.map((rss) => rss - idle.median));
  return [
    {
      what: 'RSS, idle',
      measured: idle,
      unit: 'MB',
      budget: atMost(idle, IDLE_MB, 'MB'),
      reference: `minimal Bolt bot in memory ${figure(median(reference))} MB`,
    },
    {
      what: `RSS, more with ${figure(many)} stored`,
      measured: more,
      unit: 'MB',
      budget: atMost(more, MORE_WITH_MANY_MB, 'MB'),
      reference: `${figure(median(full))} MB in all, after a sweep of what is due`,
    },
  ];
};

async function idleRss(
  built: Built,
  startOne: typeof startBot,
  stored: number,
  count: number,
): Promise<number[]> {
  return inFolder(async (folder) => {
    const world = await startWorld();
    if (stored > 0) await fillStore(`sqlite://${databaseIn(folder)}`, stored, {});
    try {
      return await rounds(count, async () => {
        const bot = await startOne(built, world, folder);
        // V8 collects what a start leaves behind once it has been idle for 8 s, in a few steps.
        await pause(30_000);
        const rss = bot.rss();
        await bot.stop();
        return rss;
      });
    } finally {
      await world.close();
    }
  });
}
