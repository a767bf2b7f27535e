import type { Load } from './processes/load.ts';
import { webhookUrl } from './support/actions.ts';
import { type Context, type Measurement, rounds } from './support/measurement.ts';
import { pause, type Running, runForJson } from './support/process.ts';
import { figure, type Row, row } from './support/report.ts';
import { median } from './support/statistics.ts';
import { type Kind, withBot } from './support/world.ts';

const CONNECTIONS = 16;
/** Cards of a load go to as many channels as a busy crew may have. */
const CHANNELS = 20;
/** How much faster than the careful bot the product has to be on a slow processor; on a fast one 2.2. */
const TIMES_FASTER = 1.6;

interface Shot extends Load {
  /** Processor time of the server for each webhook, in milliseconds: other work on the machine does not change it much. */
  cpu: number;
  /** The highest that was seen under this load, in MB. */
  rss: number;
}

/** Webhooks answered a second: stored durably, beside the same route storing nothing, and a bot in memory. */
export const webhooks: Measurement = async (context) => {
  const count = context.quick ? 2 : 3;
  const shots: Record<Kind, Shot[]> = { product: [], careful: [], memory: [], nothing: [] };
  await rounds(count, async (index) => {
    context.progress(`round ${index + 1} of ${count}`);
    // One after the other in each round, so that what else the machine does meets all of them.
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

/** Returns a function that ends it and gives the highest that was seen. */
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
