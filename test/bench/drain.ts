import type { Call } from '../../src/sandbox/slack/web-api/web-api.ts';
import type { Measurement } from './support/measurement.ts';
import { atLeast, below, figure, type Row } from './support/report.ts';
import { spread } from './support/statistics.ts';
import { draft, inFolder, startBot, startWorld, type World, webhookUrl } from './support/world.ts';

const CHANNELS = 20;
const WEBHOOKS = 1_000;
const WEBHOOKS_QUICK = 200;
const CONNECTIONS = 16;

/** 1,000 webhooks at once over 20 channels, while Slack takes one message a second in each and refuses the rest. */
export const drain: Measurement = async ({ built, quick, progress }) => {
  const count = quick ? WEBHOOKS_QUICK : WEBHOOKS;
  progress(`${count} webhooks`);
  return inFolder(async (folder) => {
    const world = await startWorld({ channels: CHANNELS, enforceRates: true });
    const bot = await startBot(built, world, folder);
    try {
      return rowsOf(await drainOnce(world, webhookUrl(bot), count), count);
    } finally {
      await bot.stop();
      await world.close();
    }
  });
};

interface Drained {
  /** Messages a second, of each channel. */
  rates: number[];
  /** Of all calls, from 0 to 1. */
  refused: number;
  seconds: number;
}

async function drainOnce(world: World, url: string, count: number): Promise<Drained> {
  const { workspace, channels } = world;
  const begun = performance.now();
  let next = 0;
  const send = async () => {
    while (next < count) {
      const index = next++;
      const body = {
        name: draft.name,
        output: `Draft ${index}`,
        kickoff_id: `run-${index}`,
        meta: { channel: channels[index % channels.length] },
      };
      const { status } = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (status !== 202) throw new Error(`webhook ${index} was answered ${status}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, send));
  let posted = 0;
  let seen = 0;
  await workspace.changed(
    () => {
      for (; seen < workspace.calls.length; seen += 1) {
        // The call is entered before its answer: the last one is looked at again.
        const call = workspace.calls[seen] as Call;
        if (call.answer === undefined) break;
        if (isPost(call) && call.answer.ok === true) posted += 1;
      }
      return posted >= count;
    },
    { timeoutMs: 5_000 * (count / channels.length), what: `${count} cards` },
  );
  const seconds = (performance.now() - begun) / 1_000;
  const posts = workspace.calls.filter(isPost);
  const taken = posts.filter(({ answer }) => answer?.ok === true);
  return {
    seconds,
    refused:
      workspace.calls.filter(({ answer }) => answer?.error === 'ratelimited').length / workspace.calls.length,
    rates: channels.map((channel) => {
      const times = taken.filter(({ args }) => args.channel === channel).map(({ at }) => at);
      return (times.length - 1) / ((Math.max(...times) - Math.min(...times)) / 1_000);
    }),
  };
}

const isPost = ({ method }: Call) => method === 'chat.postMessage';

function rowsOf({ rates, refused, seconds }: Drained, count: number): Row[] {
  // Its spread is that of the channels.
  const rate = spread(rates);
  const slowest = spread([rate.lowest]);
  const share = spread([refused * 100]);
  const what = `${figure(count)} webhooks over ${CHANNELS} channels`;
  const ideal = figure(count / CHANNELS - 1);
  return [
    {
      what: `${what}: messages a second, by channel`,
      measured: rate,
      of: 'channels',
      unit: '/s',
      budget: atLeast(rate, 0.95, '/s'),
      reference: `all were posted after ${figure(seconds)} s; at one a second in each channel it is ${ideal} s`,
    },
    {
      what: `${what}: in the slowest channel`,
      measured: slowest,
      unit: '/s',
      budget: atLeast(slowest, 0.95, '/s'),
    },
    { what: `${what}: calls refused`, measured: share, unit: '%', budget: below(share, 5, '%') },
  ];
}
