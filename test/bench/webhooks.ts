import type { Load } from './processes/load.ts';
import { webhookUrl } from './support/actions.ts';
import { type Context, type Measurement, rounds } from './support/measurement.ts';
import { pause, type Running, runForJson } from './support/process.ts';
import { figure, type Row, row } from './support/report.ts';
import { median } from './support/statistics.ts';
import { type Kind, withBot } from './support/world.ts';

const CONNECTIONS = 16;
/** Number of channels for the cards of a load, as many as a busy crew may have. */
const CHANNELS = 20;
/**
 * The product must be this many times as fast as the careful bot on a slow processor. On a fast one the factor was 2.2.
 */
const TIMES_FASTER = 1.6;

interface Shot extends Load {
  /** Processor time of the server per webhook, in milliseconds. Other work on the machine hardly changes it. */
  cpu: number;
  /** Highest memory seen under this load, in MB. */
  rss: number;
}

/**
 * Measures the webhooks answered per second: stored durably, beside the same route without a store, and a bot in
 * memory.
 */
export const webhooks: Measurement = async (context) => {
  const count = context.quick ? 2 : 3;
  const shots: Record<Kind, Shot[]> = { product: [], careful: [], memory: [], nothing: [] };
  await rounds(count, async (index) => {
    context.progress(`round ${index + 1} of ${count}`);
    // The bots follow each other in each round, so that other work of the machine affects all of them.
    for (const kind of Object.keys(shots) as Kind[]) shots[kind].push(await shoot(context, kind));
  });
  const each = (kind: Kind, which: keyof Shot) => shots[kind].map((shot) => shot[which]);
  const perSecond = (kind: Kind) => median(each(kind, 'perSecond'));
  const ratio = (kind: Kind) => figure(perSecond('product') / perSecond(kind));
  const cpu = (kind: Kind) => `${figure(median(each(kind, 'cpu')))} ms`;
  const rowsOf = (what: string, kind: Kind, first: object = {}, second: object = {}): Row[] => [
    row(what, each(kind, 'perSecond'), '/s', first),
    row(`${what}, p99`, each(kind, 'p99'), 'ms', second),
  ];
  const reference = [
    `${ratio('careful')} of a careful bot`,
    `${ratio('nothing')} of the same route storing nothing`,
    `${ratio('memory')} of a bot in memory`,
  ].join('; ');
  const budget = { atLeast: perSecond('careful') * TIMES_FASTER, reference };
  return [
    ...rowsOf('webhooks answered, stored durably (SQLite)', 'product', budget, { below: 25 }),
    ...rowsOf('· the same route storing nothing', 'nothing'),
    ...rowsOf('· careful Bolt bot, each on disk (SQLite)', 'careful'),
    ...rowsOf('· minimal Bolt bot in memory', 'memory'),
    row('processor time for each webhook', each('product', 'cpu'), 'ms', {
      reference: `storing nothing ${cpu('nothing')}; careful bot ${cpu('careful')}; bot in memory ${cpu('memory')}`,
    }),
    row('RSS, highest under this load', each('product', 'rss'), 'MB'),
    row('· minimal Bolt bot in memory, its RSS', each('memory', 'rss'), 'MB'),
    row('webhooks not answered 2xx', each('product', 'failed'), ''),
  ];
};

export function shoot(
  { built, quick }: Context,
  kind: Kind,
  env: Record<string, string> = {},
): Promise<Shot> {
  return withBot(built, { channels: CHANNELS, kind, env }, async ({ channels }, bot) => {
    const endSampling = sampleRss(bot);
    const before = bot.cpu();
    try {
      const load = await runForJson<Load>(built.script('load'), {
        url: webhookUrl(bot),
        connections: CONNECTIONS,
        warmUpSeconds: quick ? 1 : 3,
        seconds: quick ? 3 : 6,
        bytes: 4_096,
        channels,
      });
      const cpu = (bot.cpu() - before) / (load.answeredBefore + load.answered);
      return { ...load, cpu, rss: await endSampling() };
    } finally {
      await endSampling();
    }
  });
}

/** Returns a function that ends the sampling and returns the highest memory seen, in MB. */
function sampleRss(bot: Running): () => Promise<number> {
  let highest = 0;
  let ended = false;
  const sampling = (async () => {
    for (; !ended; await pause(500)) highest = Math.max(highest, bot.rss());
  })();
  return async () => {
    ended = true;
    await sampling;
    return highest;
  };
}
