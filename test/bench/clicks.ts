import { approve, connect, kickoff, nextCard } from './support/actions.ts';
import { type Context, type Measurement, rounds } from './support/measurement.ts';
import { pause, type Running } from './support/process.ts';
import { figure, type Row, row } from './support/report.ts';
import { fillStore } from './support/seed.ts';
import { median, percentile } from './support/statistics.ts';
import { type Kind, preciseNow, type World, withBot } from './support/world.ts';

/** Each click is on a new card; a channel takes one card a second. */
export const CHANNELS = 60;
const MANY_OPEN = 10_000;
/** How much slower than the careful bot half of the clicks may be. */
const MOST_SLOWER = 1.3;
/** In milliseconds. */
export const MOST_P99 = 25;

export interface Times {
  /** From the click to its ack, in milliseconds. */
  ack: number;
  /** From the click to the moment at which CrewAI has the decision. */
  resume: number;
}

/** Click to ack and click to /resume on the wire, on real cards, with nothing and with many open approvals beside. */
export const clicks: Measurement = async (context) => {
  const count = context.quick ? 2 : 3;
  const runs = await rounds(count, async (round) => {
    context.progress(`round ${round + 1} of ${count}`);
    return {
      none: await clickOften(context, 'product'),
      many: await clickOften(context, 'product', { open: MANY_OPEN }),
      careful: await clickOften(context, 'careful'),
      memory: await clickOften(context, 'memory'),
    };
  });
  const rowsOf = (what: string, which: keyof Times, measuredIn: 'none' | 'many'): Row[] => {
    const of = (name: keyof (typeof runs)[number]) =>
      percentilesOf(
        runs.map((run) => run[name]),
        which,
      );
    const [measured, careful, memory] = [of(measuredIn), of('careful'), of('memory')];
    const open = measuredIn === 'none' ? '0' : MANY_OPEN.toLocaleString('en-US');
    return (['p50', 'p99'] as const).map((share) => {
      const beside = median(careful[share]);
      const ratio = figure(median(measured[share]) / beside);
      return row(`${what}, ${open} open, ${share}`, measured[share], 'ms', {
        below: share === 'p50' ? beside * MOST_SLOWER : MOST_P99,
        reference: `${ratio} of a careful bot (${figure(beside)} ms); bot in memory ${figure(median(memory[share]))} ms`,
      });
    });
  };
  return [
    ...rowsOf('click to ack, decided on disk', 'ack', 'none'),
    ...rowsOf('click to ack, decided on disk', 'ack', 'many'),
    ...rowsOf('click to /resume on the wire', 'resume', 'none'),
    ...rowsOf('click to /resume on the wire', 'resume', 'many'),
  ];
};

export function clickOften(
  { built, quick }: Context,
  kind: Kind,
  { open = 0, env = {} }: { open?: number; env?: Record<string, string> } = {},
): Promise<Times[]> {
  const prepare = async (url: string) => {
    if (open > 0) await fillStore(url, open, { allWait: true });
  };
  return withBot(built, { channels: CHANNELS, kind, env, prepare }, async (world, bot) => {
    connect(world, bot);
    const [warmUp, measured] = quick ? [30, 100] : [60, 240];
    const times = await rounds(warmUp + measured, (index) => clickOnce(world, bot, index));
    return times.slice(warmUp);
  });
}

/** A run comes to its pause, its card appears, someone approves: the way of every approval. */
export async function clickOnce(world: World, bot: Running, index: number): Promise<Times> {
  const { platform, channels } = world;
  const channel = channels[index % channels.length] as string;
  let executionId = '';
  const card = await nextCard(world, channel, () => {
    executionId = kickoff(world, bot, { meta: { channel } });
  });
  // What follows the card is over: the card's place in the record, its log line.
  await pause(20);
  const findResume = () =>
    platform.resumes.findLast(({ body }) => (body as { execution_id?: string }).execution_id === executionId);
  const at = preciseNow();
  const arrived = platform.changed(findResume, { what: `decision ${index}` });
  const [ack, resume] = await Promise.all([approve(world, card), arrived]);
  return { ack, resume: resume.at - at };
}

/** Of each run. */
export function percentilesOf(runs: readonly Times[][], which: keyof Times): Record<'p50' | 'p99', number[]> {
  const of = (share: number) =>
    runs.map((run) => {
      const times = run.map((taken) => taken[which]);
      return percentile(times, share);
    });
  return { p50: of(0.5), p99: of(0.99) };
}
