import type { Context, Measurement } from './support/measurement.ts';
import { pause, type Running } from './support/process.ts';
import { below, figure, type Row } from './support/report.ts';
import { fillStore } from './support/seed.ts';
import { percentile, type Spread, spread } from './support/statistics.ts';
import {
  APPROVER,
  databaseIn,
  inFolder,
  preciseNow,
  startBot,
  startCarefulBot,
  startMemoryBot,
  startWorld,
  type World,
  webhookUrl,
} from './support/world.ts';

/** Each click is on a new card; a channel takes one card a second. */
const CHANNELS = 60;
const MANY_OPEN = 10_000;
/** How much slower than the careful bot half of the clicks may be. */
const MOST_SLOWER = 1.2;
/** In milliseconds. */
const MOST_P99 = 25;

interface Times {
  /** From the click to its ack, in milliseconds. */
  ack: number;
  /** From the click to the moment at which CrewAI has the decision. */
  resume: number;
}

const STARTS = { bot: startBot, careful: startCarefulBot, memory: startMemoryBot } as const;
export type Kind = keyof typeof STARTS;
type Runs = Readonly<Record<'none' | 'many' | 'careful' | 'memory', Times[][]>>;

/** Click to ack and click to /resume on the wire, on real cards, with nothing and with many open approvals beside. */
export const clicks: Measurement = async (context) => {
  const count = context.quick ? 2 : 3;
  const runs: Runs = { none: [], many: [], careful: [], memory: [] };
  for (let round = 0; round < count; round += 1) {
    context.progress(`round ${round + 1} of ${count}`);
    runs.none.push(await clicked(context, 'bot', 0));
    runs.many.push(await clicked(context, 'bot', MANY_OPEN));
    runs.careful.push(await clicked(context, 'careful', 0));
    runs.memory.push(await clicked(context, 'memory', 0));
  }
  const open = `${MANY_OPEN.toLocaleString('en-US')} open`;
  return [
    ...rowsOf('click to ack, decided on disk', 'ack', runs, 'none', '0 open'),
    ...rowsOf('click to ack, decided on disk', 'ack', runs, 'many', open),
    ...rowsOf('click to /resume on the wire', 'resume', runs, 'none', '0 open'),
    ...rowsOf('click to /resume on the wire', 'resume', runs, 'many', open),
  ];
};

export async function clicked(
  { built, quick }: Context,
  kind: Kind,
  open: number,
  env: Record<string, string> = {},
): Promise<Times[]> {
  return inFolder(async (folder) => {
    const world = { ...(await startWorld({ channels: CHANNELS })), env };
    if (open > 0) await fillStore(`sqlite://${databaseIn(folder)}`, open, { allWait: true });
    const bot = await STARTS[kind](built, world, folder);
    world.workspace.connectBot(`${bot.url}/slack/events`);
    const [warmUp, measured] = quick ? [30, 100] : [60, 240];
    const times: Times[] = [];
    try {
      for (let index = 0; index < warmUp + measured; index += 1) {
        const taken = await clickOne(world, bot, index);
        if (index >= warmUp) times.push(taken);
      }
      return times;
    } finally {
      await bot.stop();
      await world.close();
    }
  });
}

/** A run comes to its pause, its card appears, someone approves: the way of every approval. */
async function clickOne(
  { workspace, platform, channels }: World,
  bot: Running,
  index: number,
): Promise<Times> {
  const channel = channels[index % channels.length] as string;
  const before = workspace.messages(channel).length;
  const executionId = platform.kickoff({
    taskWebhookUrl: webhookUrl(bot),
    crewWebhookUrl: webhookUrl(bot, 'crew'),
    meta: { channel },
  });
  await workspace.changed(() => workspace.messages(channel).length > before, { what: `card ${index}` });
  const ts = workspace.messages(channel)[before]?.ts ?? '';
  // What follows the card is over: the card's place in the record, its log line.
  await pause(20);
  const at = preciseNow();
  const click = workspace.click({ user: APPROVER, channel, ts, actionId: 'approve' });
  const arrived = platform.changed(() => resumeOf(platform, executionId), { what: `decision ${index}` });
  const [{ acked, ms }, resume] = await Promise.all([click, arrived]);
  if (!acked) throw new Error(`click ${index} was not acked`);
  return { ack: ms, resume: resume.at - at };
}

function resumeOf(platform: World['platform'], executionId: string) {
  return platform.resumes.findLast(
    ({ body }) => (body as { execution_id?: string }).execution_id === executionId,
  );
}

type Percentiles = Record<'p50' | 'p99', Spread>;

export function times(runs: readonly Times[][], which: keyof Times): Percentiles {
  const of = (share: number) =>
    spread(
      runs.map((run) =>
        percentile(
          run.map((taken) => taken[which]),
          share,
        ),
      ),
    );
  return { p50: of(0.5), p99: of(0.99) };
}

function rowsOf(
  what: string,
  which: keyof Times,
  runs: Runs,
  measuredIn: 'none' | 'many',
  open: string,
): Row[] {
  const measured = times(runs[measuredIn], which);
  const careful = times(runs.careful, which);
  const memory = times(runs.memory, which);
  return (['p50', 'p99'] as const).map((share) => ({
    what: `${what}, ${open}, ${share}`,
    measured: measured[share],
    unit: 'ms',
    budget: below(measured[share], share === 'p50' ? careful.p50.median * MOST_SLOWER : MOST_P99, 'ms'),
    reference: `${figure(measured[share].median / careful[share].median)} of a careful bot (${figure(careful[share].median)} ms); bot in memory ${figure(memory[share].median)} ms`,
  }));
}
