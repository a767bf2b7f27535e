import type { Call } from '../sandbox/slack/calls.ts';
import { sendWebhook, webhookUrl } from './support/actions.ts';
import { inLanes, postedAfter } from './support/cards.ts';
import type { Measurement } from './support/measurement.ts';
import { figure, row } from './support/report.ts';
import { draft, withBot } from './support/world.ts';

const CHANNELS = 20;
const WEBHOOKS = 1_000;
const WEBHOOKS_QUICK = 200;
const CONNECTIONS = 16;

/**
 * Measures 1,000 simultaneous webhooks for 20 channels, while Slack accepts one message per second in each and refuses
 * the rest.
 */
export const drain: Measurement = async ({ built, quick, progress }) => {
  const count = quick ? WEBHOOKS_QUICK : WEBHOOKS;
  progress(`${count} webhooks`);
  return withBot(built, { channels: CHANNELS, enforceRates: true }, async (world, bot) => {
    const { workspace, channels } = world;
    const begun = performance.now();
    const timeoutMs = 5_000 * (count / CHANNELS);
    const isPost = ({ method }: Call) => method === 'chat.postMessage';
    const posts = await postedAfter(world, { count, timeoutMs, isPost }, () =>
      inLanes(CONNECTIONS, [...Array(count).keys()], async (index) => {
        const run = { kickoff_id: `run-${index}`, meta: { channel: channels[index % CHANNELS] } };
        await sendWebhook(webhookUrl(bot), { name: draft.name, output: `Draft ${index}`, ...run });
      }),
    );
    const seconds = (performance.now() - begun) / 1_000;
    const rates = channels.map((channel) => {
      const times = posts.filter(({ args }) => args.channel === channel).map(({ at }) => at);
      return (times.length - 1) / ((Math.max(...times) - Math.min(...times)) / 1_000);
    });
    const refused = workspace.calls.filter(({ answer }) => answer?.error === 'ratelimited');
    const share = (refused.length / workspace.calls.length) * 100;
    const what = `${figure(count)} webhooks over ${CHANNELS} channels`;
    const ideal = figure(count / CHANNELS - 1);
    return [
      // The spread is over the channels.
      row(`${what}: messages a second, by channel`, rates, '/s', {
        of: 'channels',
        atLeast: 0.95,
        reference: `all were posted after ${figure(seconds)} s; at one a second in each channel it is ${ideal} s`,
      }),
      row(`${what}: in the slowest channel`, [Math.min(...rates)], '/s', { atLeast: 0.95 }),
      row(`${what}: calls refused`, [share], '%', { below: 5 }),
    ];
  });
};
