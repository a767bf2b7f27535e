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
  startMemoryBot,
  startWorld,
  type World,
  webhookUrl,
} from './support/world.ts';

/** Each click is on a new card; a channel takes one card a second. */
const CHANNELS = 60;
const MANY_OPEN = 10_000;

interface Times {
  /** From the click to its ack, in milliseconds. */
  ack: number;
  /** From the click to the moment at which CrewAI has the decision. */
  resume: number;
}

/** Click to ack and click to /resume on the wire, on real cards, with nothing and with many open approvals beside. */
export const clicks: Measurement = async (context) => {
  const count = context.quick ? 2 : 3;
  const [none, many, memory]: Times[][][] = [[], [], []];
  for (let round = 0; round < count; round += 1) {
    context.progress(`round ${round + 1} of ${count}`);
    none?.push(await clicked(context, 'bot', 0));
    many?.push(await clicked(context, 'bot', MANY_OPEN));
    memory?.push(await clicked(context, 'memory', 0));
  }
  const inMemory = {
    ack: times(memory ?? [], 'ack'),
    resume: times(memory ?? [], 'resume'),
  };
  const open = MANY_OPEN.toLocaleString('en-US');
  return [
    ...rowsOf('click to ack, decided on disk', 'ack', none ?? [], '0 open', inMemory.ack, {
      p50: 3,
      p99: 25,
    }),
    ...rowsOf('click to ack, decided on disk', 'ack', many ?? [], `${open} open`, inMemory.ack, {
      p50: 3,
      p99: 25,
    }),
    ...rowsOf('click to /resume on the wire', 'resume', none ?? [], '0 open', inMemory.resume, {
      p50: 5,
      p99: 25,
    }),
    ...rowsOf('click to /resume on the wire', 'resume', many ?? [], `${open} open`, inMemory.resume, {
      p50: 5,
      p99: 25,
    }),
  ];
};

async function clicked({ built, quick }: Context, kind: 'bot' | 'memory', open: number): Promise<Times[]> {
  return inFolder(async (folder) => {
    const world = await startWorld({ channels: CHANNELS });
    if (open > 0) await fillStore(`sqlite://${databaseIn(folder)}`, open, { allWait: true });
    const bot = await (kind === 'bot' ? startBot : startMemoryBot)(built, world, folder);
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

/** What bots in memory reached when DESIGN.md's budgets were set: how much slower it is today is the machine's part. */
const QUIET = { ack: { p50: 0.7, p99: 2.5 }, resume: { p50: 2.4, p99: 6 } } as const;

type Percentiles = Record<'p50' | 'p99', Spread>;

function times(runs: readonly Times[][], which: keyof Times): Percentiles {
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
  runs: readonly Times[][],
  open: string,
  inMemory: Percentiles,
  budgets: Record<'p50' | 'p99', number>,
): Row[] {
  const measured = times(runs, which);
  return (['p50', 'p99'] as const).map((share) => ({
    what: `${what}, ${open}, ${share}`,
    measured: measured[share],
    unit: 'ms',
    budget: below(measured[share], budgets[share], 'ms'),
    reference: `bot in memory ${figure(inMemory[share].median)} ms, on a quiet machine ${QUIET[which][share]} ms`,
  }));
}
