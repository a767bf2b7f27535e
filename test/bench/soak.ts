import { randomUUID } from 'node:crypto';
import { createHttpDelivery } from '../../src/sandbox/slack/interactions/delivery.ts';
import { interactionFields } from '../../src/sandbox/slack/interactions/payloads.ts';
import type { Measurement } from './support/measurement.ts';
import type { Running } from './support/process.ts';
import { atMost, figure, type Row } from './support/report.ts';
import { slope, spread } from './support/statistics.ts';
import { type Card, startThinWorld, type ThinWorld } from './support/thin-world.ts';
import { APPROVER, draft, inFolder, SIGNING_SECRET, startBot, webhookUrl } from './support/world.ts';

const APPROVALS = 50_000;
const APPROVALS_SHORT = 4_000;
const APPROVALS_QUICK = 500;
/** A channel takes a card a second: with so many the bot is the limit. */
const CHANNELS = 400;
/** Under way at once. */
const AT_ONCE = 48;
const SAMPLES = 25;
/** What the first of them show is the code being warmed up. */
const WARM_UP = 0.2;
/** Of the whole run: more is a leak, less cannot be told from noise. */
const FLAT_MB = 2;

/** The heap, and all memory, while approvals go their whole way one after the other. */
export const soak: Measurement = ({ built, quick, soak: long, progress }) =>
  inFolder(async (folder) => {
    const count = long ? APPROVALS : quick ? APPROVALS_QUICK : APPROVALS_SHORT;
    const world = await startThinWorld(CHANNELS);
    const bot = await startBot(built, world, folder, { probe: 'heap' });
    try {
      const samples: Sample[] = [];
      const begun = performance.now();
      await goOn(world, bot, count, async (done) => {
        samples.push({ done, ...(await bot.heap()) });
        progress(`${done} of ${count}, heap ${samples.at(-1)?.heap.toFixed(1)} MB`);
      });
      return rowsOf(samples, count, (performance.now() - begun) / 1_000);
    } finally {
      await bot.stop();
      world.close();
    }
  });

interface Sample {
  /** How many approvals had gone their way by then. */
  done: number;
  heap: number;
  rss: number;
}

/** Webhook, card, click, /resume, the crew's last webhook: so many times, many of them at once. */
async function goOn(
  world: ThinWorld,
  bot: Running,
  count: number,
  sample: (done: number) => Promise<void>,
): Promise<void> {
  const url = `${bot.url}/slack/events`;
  const deliver = createHttpDelivery({ url: () => url, signingSecret: SIGNING_SECRET, deadlineMs: 10_000 });
  const resumed = new Map<string, () => void>();
  const failures: unknown[] = [];
  world.onCard = (card) => {
    deliver({ kind: 'interactive', payload: clickOn(card) })
      .then(({ acked, status }) => {
        if (!acked) failures.push(`a click was answered ${status}`);
      })
      .catch((error: unknown) => failures.push(error));
  };
  world.onResume = (id) => {
    resumed.get(id)?.();
    resumed.delete(id);
  };

  let begun = 0;
  let done = 0;
  async function one(): Promise<void> {
    const index = begun++;
    const id = randomUUID();
    const meta = { channel: world.channels[index % world.channels.length] };
    const decided = new Promise<void>((resolve) => resumed.set(id, resolve));
    const { name, agent, description, expectedOutput: expected_output } = draft;
    const output = `# Draft ${index}\n\n${'Made from *recycled linen*. '.repeat(40)}`;
    await post(webhookUrl(bot), { kickoff_id: id, name, agent, description, expected_output, output, meta });
    await decided;
    await post(webhookUrl(bot, 'crew'), { kickoff_id: id, result: '' });
    done += 1;
    if (done % Math.ceil(count / SAMPLES) === 0) await sample(done);
    if (failures.length > 0) throw failures[0];
  }
  const lane = async () => {
    while (begun < count) await one();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

function clickOn({ channel, ts, value }: Card) {
  const action = { type: 'button', action_id: 'approve', block_id: 'decide', value, action_ts: ts };
  return {
    type: 'block_actions',
    ...interactionFields({ id: APPROVER, name: 'ana' }, `trigger-${ts}`),
    container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: false },
    channel: { id: channel, name: channel.toLowerCase() },
    message: { type: 'message', ts, text: '' },
    state: { values: {} },
    response_url: 'http://127.0.0.1:9/none',
    actions: [action],
  };
}

async function post(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  await response.text();
  if (response.status !== 202) throw new Error(`a webhook was answered ${response.status}`);
}

function rowsOf(samples: readonly Sample[], count: number, seconds: number): Row[] {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP));
  const growth = (of: 'heap' | 'rss') => slope(warm.map((sample) => ({ x: sample.done, y: sample[of] })));
  const grown = spread([growth('heap') * count]);
  const perApproval = figure(growth('heap') * 1024 * 1024);
  const what = `soak, ${figure(count)} approvals`;
  return [
    {
      what: `${what}: growth of the heap after GC, by its slope`,
      measured: grown,
      unit: 'MB',
      budget: { ...atMost(grown, FLAT_MB, 'MB'), words: `flat: ≤ ${FLAT_MB} MB` },
      reference: `${perApproval} bytes an approval; ${figure(count / seconds)} approvals a second`,
    },
    {
      what: `${what}: heap after GC`,
      measured: spread(warm.map(({ heap }) => heap)),
      of: 'samples',
      unit: 'MB',
    },
    {
      what: `${what}: RSS`,
      measured: spread(warm.map(({ rss }) => rss)),
      of: 'samples',
      unit: 'MB',
      reference: `by its slope it grows ${figure(growth('rss') * count)} MB`,
    },
  ];
}
