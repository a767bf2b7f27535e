import { randomUUID } from 'node:crypto';
import { interactionFields } from '../../src/sandbox/slack/interactions/payloads.ts';
import { createHttpDelivery } from '../sandbox/slack/http-delivery.ts';
import { sendWebhook, webhookUrl } from './support/actions.ts';
import { inLanes } from './support/cards.ts';
import type { Measurement } from './support/measurement.ts';
import type { Running } from './support/process.ts';
import { figure, type Row, row } from './support/report.ts';
import { slope } from './support/statistics.ts';
import { startThinWorld, type ThinWorld, type WaitingCard } from './support/thin-world.ts';
import { APPROVER, draft, inFolder, SIGNING_SECRET, startBot } from './support/world.ts';

const APPROVALS = 50_000;
const APPROVALS_SHORT = 4_000;
const APPROVALS_QUICK = 500;
/** A channel accepts one card per second. With this many channels the bot is the limit. */
const CHANNELS = 400;
/** Approvals under way at once. */
const AT_ONCE = 48;
const SAMPLES = 25;
/** Share of the first samples that only show the code warming up. */
const WARM_UP = 0.2;
/** Largest growth over the whole run. More is a leak; less looks like noise. */
const FLAT_MB = 2;

/** Measures the heap and all memory while approvals go their whole way one after the other. */
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
  /** Number of approvals that had gone their whole way by then. */
  done: number;
  heap: number;
  rss: number;
}

/** Plays `count` approvals, many at once: webhook, card, click, /resume, the crew's last webhook. */
async function goOn(
  world: ThinWorld,
  bot: Running,
  count: number,
  sample: (done: number) => Promise<void>,
): Promise<void> {
  const deliver = createHttpDelivery({
    url: `${bot.url}/slack/events`,
    signingSecret: SIGNING_SECRET,
    deadlineMs: 10_000,
  });
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

  const { name, agent, description, expectedOutput: expected_output } = draft;
  const paragraphs = 'Made from *recycled linen*. '.repeat(40);
  let done = 0;
  await inLanes(AT_ONCE, [...Array(count).keys()], async (index) => {
    const id = randomUUID();
    const meta = { channel: world.channels[index % world.channels.length] };
    const decided = new Promise<void>((resolve) => resumed.set(id, resolve));
    const output = `# Draft ${index}\n\n${paragraphs}`;
    const task = { name, agent, description, expected_output, output };
    await sendWebhook(webhookUrl(bot), { kickoff_id: id, ...task, meta });
    await decided;
    await sendWebhook(webhookUrl(bot, 'crew'), { kickoff_id: id, result: '' });
    done += 1;
    if (done % Math.ceil(count / SAMPLES) === 0) await sample(done);
    if (failures.length > 0) throw failures[0];
  });
}

function clickOn({ channel, ts, value }: WaitingCard) {
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

function rowsOf(samples: readonly Sample[], count: number, seconds: number): Row[] {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP));
  const growth = (of: 'heap' | 'rss') => slope(warm.map((sample) => ({ x: sample.done, y: sample[of] })));
  const perApproval = figure(growth('heap') * 1024 * 1024);
  const grown = growth('heap') * count;
  const what = `soak, ${figure(count)} approvals`;
  const [heap, rss] = [warm.map((sample) => sample.heap), warm.map((sample) => sample.rss)];
  return [
    row(`${what}: growth of the heap after GC, by its slope`, [grown], 'MB', {
      budget: { words: `flat: ≤ ${FLAT_MB} MB`, met: grown <= FLAT_MB },
      reference: `${perApproval} bytes an approval; ${figure(count / seconds)} approvals a second`,
    }),
    row(`${what}: heap after GC`, heap, 'MB', { of: 'samples' }),
    row(`${what}: RSS`, rss, 'MB', {
      of: 'samples',
      reference: `by its slope it grows ${figure(growth('rss') * count)} MB`,
    }),
  ];
}
