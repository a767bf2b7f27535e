import { type Measurement, rounds } from './support/measurement.ts';
import { below, figure } from './support/report.ts';
import { spread } from './support/statistics.ts';
import { inFolder, startBot, startMemoryBot, startWorld } from './support/world.ts';

/** From the spawn of the built bot to the first 200 of /readyz; the bot in memory: until it listens. */
export const starts: Measurement = ({ built, quick }) =>
  inFolder(async (folder) => {
    const world = await startWorld();
    const product: number[] = [];
    const memory: number[] = [];
    try {
      await rounds(quick ? 3 : 10, async () => {
        const bots = [await startBot(built, world, folder), await startMemoryBot(built, world, folder)];
        product.push(bots[0]?.startedWithin ?? 0);
        memory.push(bots[1]?.startedWithin ?? 0);
        for (const bot of bots) await bot.stop();
      });
    } finally {
      await world.close();
    }
    const measured = spread(product);
    const reference = `minimal Bolt bot in memory ${figure(spread(memory).median)} ms, until it listens; on a quiet machine 230 ms`;
    return [
      { what: 'start to /readyz', measured, unit: 'ms', budget: below(measured, 500, 'ms'), reference },
    ];
  });
