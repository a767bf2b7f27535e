import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { approve, connect, nextCard, sendWebhook, webhookUrl } from './support/actions.ts';
import { type Context, type Measurement, rounds } from './support/measurement.ts';
import { pause } from './support/process.ts';
import { figure, type Row, row } from './support/report.ts';
import { fillRun } from './support/seed.ts';
import { median, percentile } from './support/statistics.ts';
import { inStore, postgresVersion, redisVersion, type StoreName } from './support/stores.ts';
import { inFolder, startBot, startWorld, type World } from './support/world.ts';

/** A click on a run with many approvals may take this many times as long. */
const MAX_SLOWDOWN = 1.2;
const EXECUTION = '0b1c7a52-4c0e-4d0a-9a55-3f0c2f7d1e11';

interface Size {
  settled: number;
  /** Waiting approvals, including the one that is decided. */
  open: number;
}
const SHORT: Size = { settled: 0, open: 1 };
const LONG: Size = { settled: 200, open: 10 };

interface Times {
  /** From the webhook of a further task to its 202, in milliseconds. */
  webhook: number;
  ack: number;
}

/** Measures a webhook and a click on a run with many approvals, beside a run with only one, on each store. */
export const longRuns: Measurement = async (context) => {
  const stores: StoreName[] = ['SQLite'];
  if (await redisVersion()) stores.push('Redis');
  if (await postgresVersion()) stores.push('Postgres');
  const count = context.quick ? 1 : 2;
  const rows = await rounds(stores.length, async (index) => {
    const store = stores[index] as StoreName;
    const all = await rounds(count, async (round) => {
      context.progress(`${store}, round ${round + 1} of ${count}`);
      return { short: await measure(context, store, SHORT), long: await measure(context, store, LONG) };
    });
    return [
      rowOf('click to ack', store, all, 'ack', MAX_SLOWDOWN),
      rowOf('webhook of a further task to its 202', store, all, 'webhook'),
    ];
  });
  return rows.flat();
};

function rowOf(
  what: string,
  store: StoreName,
  all: readonly { short: Times[]; long: Times[] }[],
  which: keyof Times,
  maxSlowdown?: number,
): Row {
  const middle = (times: Times[]) =>
    percentile(
      times.map((one) => one[which]),
      0.5,
    );
  const referenceMs = median(all.map(({ short }) => middle(short)));
  const measured = all.map(({ long }) => middle(long));
  return row(`${what}, ${LONG.settled} settled and ${LONG.open} open, ${store}, p50`, measured, 'ms', {
    ...(maxSlowdown === undefined ? {} : { atMost: referenceMs * maxSlowdown }),
    reference: `${figure(median(measured) / referenceMs)} of a run with one (${figure(referenceMs)} ms)`,
  });
}

/** Reports one task after the other. After each, one of the waiting approvals is approved. */
function measure({ built, quick }: Context, store: StoreName, { settled, open }: Size): Promise<Times[]> {
  return inStore(store, (STORE_URL) =>
    inFolder(async (folder) => {
      const { url: crewaiUrl, close } = await startAcceptingCrew();
      const world = { ...(await startWorld()), crewaiUrl };
      try {
        await fillRun(STORE_URL, EXECUTION, { settled, waiting: open - 1 });
        const bot = await startBot(built, world, folder, { env: { STORE_URL } });
        try {
          connect(world, bot);
          // A channel accepts one card per second, and the cards of a run are in one channel.
          const [warmUp, measured] = quick ? [5, 15] : [10, 30];
          const times = await rounds(warmUp + measured, (index) =>
            reportAndApprove(world, webhookUrl(bot), index),
          );
          return times.slice(warmUp);
        } finally {
          await bot.stop();
        }
      } finally {
        await world.close();
        await close();
      }
    }),
  );
}

async function reportAndApprove(world: World, url: string, index: number): Promise<Times> {
  const [channel = ''] = world.channels;
  let webhook = 0;
  const card = await nextCard(world, channel, async () => {
    const name = `task_${index}`;
    const begun = performance.now();
    await sendWebhook(url, { kickoff_id: EXECUTION, task_id: name, name, output: `Output ${index}` });
    webhook = performance.now() - begun;
  });
  // The work after the card has then ended.
  await pause(100);
  return { webhook, ack: await approve(world, card) };
}

/** Starts a CrewAI that accepts each decision on any run. */
export async function startAcceptingCrew() {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"resumed"}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
