import { approve, connect, kickoff, nextCard } from './support/actions.ts';
import { type Context, type Measurement, rounds } from './support/measurement.ts';
import { pause, type Running } from './support/process.ts';
import { figure, type Row, row } from './support/report.ts';
import { fillStore } from './support/seed.ts';
import { median, percentile } from './support/statistics.ts';
import { type Kind, preciseNow, type World, withBot } from './support/world.ts';

/** Each click is on a new card, and a channel accepts one card per second. */
export const CHANNELS = 60;
const MANY_OPEN = 10_000;
/** The p50 of clicks may be this many times that of the careful bot. */
const MAX_SLOWDOWN = 1.3;
/** Limit of the p99, in milliseconds. */
export const MAX_P99 = 25;

export interface Times {
  /** From the click to its ack, in milliseconds. */
  ack: number;
  /** From the click to the arrival of the decision at CrewAI, in milliseconds. */
  resume: number;
}

/**
 * Measures click to ack and click to /resume on the wire, on real cards, with no other and with many other open
 * approvals.
 */
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
      const referenceMs = median(careful[share]);
      const ratio = figure(median(measured[share]) / referenceMs);
      return row(`${what}, ${open} open, ${share}`, measured[share], 'ms', {
        below: share === 'p50' ? referenceMs * MAX_SLOWDOWN : MAX_P99,
        reference: `${ratio} of a careful bot (${figure(referenceMs)} ms); bot in memory ${figure(median(memory[share]))} ms`,
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

/** Plays the way of every approval: a run pauses, its card appears, and someone approves. */
export async function clickOnce(world: World, bot: Running, index: number): Promise<Times> {
  const { platform, channels } = world;
  const channel = channels[index % channels.length] as string;
  let executionId = '';
  const card = await nextCard(world, channel, () => {
    executionId = kickoff(world, bot, { meta: { channel } });
  });
  // The work after the card has then ended: recording the card's place, the log line.
  await pause(20);
  const findResume = () =>
    platform.resumes.findLast(({ body }) => (body as { execution_id?: string }).execution_id === executionId);
  const at = preciseNow();
  const arrived = platform.changed(findResume, { what: `decision ${index}` });
  const [ack, resume] = await Promise.all([approve(world, card), arrived]);
  return { ack, resume: resume.at - at };
}

/** Computes the percentiles of each run. */
export function percentilesOf(runs: readonly Times[][], which: keyof Times): Record<'p50' | 'p99', number[]> {
  const of = (share: number) =>
    runs.map((run) => {
      const times = run.map((taken) => taken[which]);
      return percentile(times, share);
    });
  return { p50: of(0.5), p99: of(0.99) };
}
