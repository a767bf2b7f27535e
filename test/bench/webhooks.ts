import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Load } from './processes/load.ts';
import type { Built } from './support/build.ts';
import { type Context, type Measurement, rounds } from './support/measurement.ts';
import { pause, type Running, runForJson, start } from './support/process.ts';
import { atLeast, below, figure, type Row } from './support/report.ts';
import { median, spread } from './support/statistics.ts';
import {
  CREW,
  inFolder,
  SECRET,
  startBot,
  startCarefulBot,
  startMemoryBot,
  startWorld,
  type World,
  webhookUrl,
} from './support/world.ts';

const BYTES = 4_096;
const CONNECTIONS = 16;
/** Cards of a load go to as many channels as a busy crew may have. */
const CHANNELS = 20;
/** How much faster than the careful bot the product has to be. */
const TIMES_FASTER = 3.5;

interface Shot extends Load {
  /** Processor time of the server for each webhook, in milliseconds: other work on the machine does not change it much. */
  cpu: number;
  /** The highest that was seen under this load, in MB. */
  rss: number;
}

/** Webhooks answered a second: stored durably, beside the same route storing nothing, the disk, and a bot in memory. */
export const webhooks: Measurement = async (context) => {
  const count = context.quick ? 2 : 3;
  const fsyncs: number[] = [];
  const shots: Record<string, Shot[]> = { product: [], careful: [], memory: [], nothing: [], void: [] };
  await rounds(count, async (index) => {
    context.progress(`round ${index + 1} of ${count}`);
    // One after the other in each round, so that what else the machine does meets all of them.
    fsyncs.push(await inFolder(async (folder) => fsyncsPerSecond(folder, context.quick ? 1_000 : 2_000)));
    for (const name of Object.keys(shots)) shots[name]?.push(await shoot(context, name));
  });
  const { product = [], careful = [], memory = [], nothing = [], void: empty = [] } = shots;
  return [
    ...rowsOf('webhooks answered, stored durably (SQLite)', product, {
      perSecond: perSecond(careful) * TIMES_FASTER,
      p99: 25,
      reference: [
        `${ratio(product, careful)} of a careful bot`,
        `${ratio(product, nothing)} of the same route storing nothing`,
        `${ratio(product, empty)} of the same work on a store that keeps nothing`,
        `${figure(perSecond(product) / median(fsyncs))} for each fsync`,
        `${ratio(product, memory)} of a bot in memory`,
      ].join('; '),
    }),
    ...rowsOf('· the same route storing nothing', nothing),
    ...rowsOf('· the same work on a store that keeps nothing', empty),
    ...rowsOf('· careful Bolt bot, each on disk (SQLite)', careful),
    ...rowsOf('· minimal Bolt bot in memory', memory),
    { what: '· write and fsync of 4 KB in the same folder', measured: spread(fsyncs), unit: '/s' },
    {
      what: 'processor time for each webhook',
      measured: spread(product.map(({ cpu }) => cpu)),
      unit: 'ms',
      reference: [
        `storing nothing ${figure(median(nothing.map(({ cpu }) => cpu)))} ms`,
        `a store that keeps nothing ${figure(median(empty.map(({ cpu }) => cpu)))} ms`,
        `careful bot ${figure(median(careful.map(({ cpu }) => cpu)))} ms`,
        `bot in memory ${figure(median(memory.map(({ cpu }) => cpu)))} ms`,
      ].join('; '),
    },
    { what: 'RSS, highest under this load', measured: rssOf(product), unit: 'MB' },
    { what: '· minimal Bolt bot in memory, its RSS', measured: rssOf(memory), unit: 'MB' },
    { what: 'webhooks not answered 2xx', measured: spread(product.map(({ failed }) => failed)), unit: '' },
  ];
};

export async function shoot(
  { built, quick }: Context,
  name: string,
  env: Record<string, string> = {},
): Promise<Shot> {
  return inFolder(async (folder) => {
    const world = { ...(await startWorld({ channels: CHANNELS })), env };
    const server = await startTarget(name, built, world, folder);
    const sampled = sampleRss(server);
    const before = server.cpu();
    try {
      const load = await runForJson<Load>(built.script('load'), {
        url: webhookUrl(server),
        connections: CONNECTIONS,
        warmUpSeconds: quick ? 1 : 3,
        seconds: quick ? 3 : 6,
        bytes: BYTES,
        channels: world.channels,
      });
      const cpu = (server.cpu() - before) / (load.answeredBefore + load.answered);
      return { ...load, cpu, rss: await sampled.end() };
    } finally {
      await sampled.end();
      await server.stop();
      await world.close();
    }
  });
}

function startTarget(name: string, built: Built, world: World, folder: string): Promise<Running> {
  if (name === 'product') return startBot(built, world, folder);
  if (name === 'careful') return startCarefulBot(built, world, folder);
  if (name === 'memory') return startMemoryBot(built, world, folder);
  const env = { STORES: name, CREW, SECRET };
  return start({ script: built.script('null-route'), env, folder, readyPath: '/healthz' });
}

function sampleRss(server: Running) {
  let highest = 0;
  let ended = false;
  const sampling = (async () => {
    while (!ended) {
      highest = Math.max(highest, server.rss());
      await pause(500);
    }
  })();
  return {
    async end(): Promise<number> {
      ended = true;
      await sampling;
      return highest;
    },
  };
}

/** What a plain loop reaches: the most that one commit a webhook could. */
function fsyncsPerSecond(folder: string, forMs: number): number {
  const file = openSync(join(folder, 'fsync'), 'w');
  const page = Buffer.alloc(4_096, 'x');
  const begun = performance.now();
  let count = 0;
  while (performance.now() - begun < forMs) {
    writeSync(file, page);
    fsyncSync(file);
    count += 1;
  }
  closeSync(file);
  return count / ((performance.now() - begun) / 1_000);
}

function rowsOf(
  what: string,
  loads: readonly Load[],
  budget?: { perSecond: number; p99: number; reference: string },
): Row[] {
  const speed = spread(loads.map((load) => load.perSecond));
  const p99 = spread(loads.map((load) => load.p99));
  return [
    {
      what,
      measured: speed,
      unit: '/s',
      ...(budget ? { budget: atLeast(speed, budget.perSecond, '/s'), reference: budget.reference } : {}),
    },
    {
      what: `${what}, p99`,
      measured: p99,
      unit: 'ms',
      ...(budget ? { budget: below(p99, budget.p99, 'ms') } : {}),
    },
  ];
}

const perSecond = (loads: readonly Load[]) => median(loads.map((load) => load.perSecond));
const rssOf = (shots: readonly Shot[]) => spread(shots.map(({ rss }) => rss));

function ratio(loads: readonly Load[], reference: readonly Load[]): string {
  return figure(perSecond(loads) / perSecond(reference));
}
