import { type Context, type Measurement, rounds } from './support/measurement.ts';
import { pause } from './support/process.ts';
import { figure, row } from './support/report.ts';
import { fillStore } from './support/seed.ts';
import { median } from './support/statistics.ts';
import { databaseIn, inFolder, type Kind, startBot, startWorld } from './support/world.ts';

/**
 * Measures the time from the spawn of the built bot to the first 200 of /readyz. For the bot in memory: until it
 * listens.
 */
export const starts: Measurement = async (context) => {
  const times = await startEach(context, ['product', 'memory'], {
    count: context.quick ? 3 : 10,
    measure: ({ startedWithin }) => startedWithin,
  });
  const [product = [], memory = []] = times;
  const reference = `minimal Bolt bot in memory ${figure(median(memory))} ms, until it listens; on a quiet machine 230 ms`;
  return [row('start to /readyz', product, 'ms', { below: 500, reference })];
};

/**
 * Measures the resident memory of an idle bot, with an empty store and with many stored approvals, beside a bot in
 * memory.
 */
export const memory: Measurement = async (context) => {
  const many = context.quick ? 10_000 : 100_000;
  const measureIdle = async (kind: Kind, stored = 0) => {
    const [rss = []] = await startEach(context, [kind], {
      count: context.quick ? 2 : 3,
      stored,
      measure: async (bot) => {
        // After 8 idle seconds, V8 collects the garbage of a start, in a few steps.
        await pause(30_000);
        return bot.rss();
      },
    });
    return rss;
  };
  const idle = await measureIdle('product');
  const reference = await measureIdle('memory');
  context.progress(`with ${many} stored`);
  const full = await measureIdle('product', many);
  const more = full.map((rss) => rss - median(idle));
  return [
    row('RSS, idle', idle, 'MB', {
      atMost: 90,
      reference: `minimal Bolt bot in memory ${figure(median(reference))} MB`,
    }),
    row(`RSS, more with ${figure(many)} stored`, more, 'MB', {
      atMost: 20,
      reference: `${figure(median(full))} MB in all, after a sweep of what is due`,
    }),
  ];
};

/** Starts bots of these kinds several times and measures them. */
function startEach(
  { built }: Context,
  kinds: readonly Kind[],
  options: {
    count: number;
    stored?: number;
    measure: (bot: Awaited<ReturnType<typeof startBot>>) => number | Promise<number>;
  },
): Promise<number[][]> {
  const { count, stored = 0, measure } = options;
  return inFolder(async (folder) => {
    const world = await startWorld();
    if (stored > 0) await fillStore(`sqlite://${databaseIn(folder)}`, stored);
    try {
      const all = await rounds(count, async () => {
        const bots = [];
        for (const kind of kinds) bots.push(await startBot(built, world, folder, { kind }));
        const measured = [];
        for (const bot of bots) measured.push(await measure(bot));
        for (const bot of bots) await bot.stop();
        return measured;
      });
      return kinds.map((_, index) => all.map((measured) => measured[index] as number));
    } finally {
      await world.close();
    }
  });
}
